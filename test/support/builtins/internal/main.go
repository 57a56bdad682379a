// Internals prints the structs that the server has of some objects in itself, a line each: `Type|Name[=json] type,...`. Which names
// they have in JSON is what the structs of the API say, by the same names in Go. Types: s(tring), b(ool), i(nteger), q(uantity), j(son as
// it is), @Struct; before them * for a pointer, [ for a list, { for a map. The arguments are two files of Go, and the types.
package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"reflect"
	"strings"
)

type table struct {
	structs map[string]*ast.StructType
	named   map[string]ast.Expr
}

func read(path string) table {
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
	if err != nil {
		panic(err)
	}
	found := table{map[string]*ast.StructType{}, map[string]ast.Expr{}}
	ast.Inspect(file, func(node ast.Node) bool {
		if spec, ok := node.(*ast.TypeSpec); ok {
			if structure, ok := spec.Type.(*ast.StructType); ok {
				found.structs[spec.Name.Name] = structure
			} else {
				found.named[spec.Name.Name] = spec.Type
			}
		}
		return true
	})
	return found
}

var internal, versioned table

var order []string
var lines = map[string]string{}

// jsonNames of the members of a struct of the API, by their names in Go.
func jsonNames(name string) map[string]string {
	names := map[string]string{}
	structure := versioned.structs[name]
	if structure == nil {
		return names
	}
	for _, member := range structure.Fields.List {
		if len(member.Names) > 0 {
			tag := reflect.StructTag(strings.Trim(member.Tag.Value, "`")).Get("json")
			names[member.Names[0].Name] = strings.Split(tag, ",")[0]
		} else if embedded, ok := member.Type.(*ast.Ident); ok {
			for key, value := range jsonNames(embedded.Name) {
				names[key] = value
			}
		}
	}
	return names
}

func kind(expression ast.Expr) string {
	switch node := expression.(type) {
	case *ast.StarExpr:
		return "*" + kind(node.X)
	case *ast.ArrayType:
		return "[" + kind(node.Elt)
	case *ast.MapType:
		return "{" + kind(node.Value)
	case *ast.SelectorExpr:
		switch node.Sel.Name {
		case "Quantity":
			return "q"
		case "UID":
			return "s"
		}
		// What another group takes from this one is printed with it.
		if from, ok := node.X.(*ast.Ident); ok && from.Name == "core" {
			return "@" + node.Sel.Name
		}
		return "j"
	case *ast.Ident:
		switch node.Name {
		case "string":
			return "s"
		case "bool":
			return "b"
		case "int32", "int64", "int":
			return "i"
		}
		if named, ok := internal.named[node.Name]; ok {
			return kind(named)
		}
		visit(node.Name)
		return "@" + node.Name
	}
	panic(fmt.Sprintf("%T", expression))
}

func lower(name string) string { return strings.ToLower(name[:1]) + name[1:] }

func members(name string, names map[string]string) []string {
	var found []string
	for _, member := range internal.structs[name].Fields.List {
		if len(member.Names) == 0 {
			if embedded, ok := member.Type.(*ast.Ident); ok {
				found = append(found, members(embedded.Name, names)...)
			} else {
				// The metadata of a template has names for JSON.
				found = append(found, "+=metadata j")
			}
			continue
		}
		for _, own := range member.Names {
			written := own.Name
			if json, ok := names[own.Name]; ok && json != lower(own.Name) {
				written += "=" + json
			}
			found = append(found, written+" "+kind(member.Type))
		}
	}
	return found
}

func visit(name string) {
	if _, known := lines[name]; known {
		return
	}
	lines[name] = ""
	lines[name] = strings.Join(members(name, jsonNames(name)), ",")
	order = append(order, name)
}

func main() {
	internal, versioned = read(os.Args[1]), read(os.Args[2])
	for _, name := range os.Args[3:] {
		visit(name)
	}
	for _, name := range order {
		fmt.Println(name + "|" + lines[name])
	}
}
