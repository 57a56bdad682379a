module crd-watcher/internal-types

go 1.25.0
