// Shapes prints the Go types of the built-in resources as JSON: what an OpenAPI document does not tell of them. Pointers, the
// order of members, which are left out when they are zero, patch strategies, numbers in protobuf.
package main

import (
	"encoding/json"
	"os"
	"reflect"
	"strings"

	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apiextensionsbeta "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1beta1"
	"k8s.io/apimachinery/pkg/api/resource"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/client-go/kubernetes/scheme"
	aggregator "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"
	aggregatorbeta "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1beta1"
)

type field struct {
	Name  string `json:"name"`
	Type  string `json:"type"`
	Empty string `json:"empty"`
	Merge string `json:"merge,omitempty"`
	Keys  string `json:"key,omitempty"`
	Wire  string `json:"wire,omitempty"`
	Named string `json:"named,omitempty"`
}

type structure struct {
	Go     string  `json:"go"`
	Fields []field `json:"fields"`
}

var structs = map[string]structure{}

func identity(t reflect.Type) string {
	return strings.TrimPrefix(t.PkgPath(), "k8s.io/") + "." + t.Name()
}

var special = map[reflect.Type]string{
	reflect.TypeFor[meta.Time]():            "time",
	reflect.TypeFor[meta.MicroTime]():       "microTime",
	reflect.TypeFor[meta.Duration]():        "duration",
	reflect.TypeFor[resource.Quantity]():    "quantity",
	reflect.TypeFor[intstr.IntOrString]():   "intOrString",
	reflect.TypeFor[runtime.RawExtension](): "raw",
	reflect.TypeFor[meta.FieldsV1]():        "any",
	reflect.TypeFor[apiextensions.JSON]():   "any",
}

func shape(t reflect.Type) string {
	if name, ok := special[t]; ok {
		return name
	}
	switch t.Kind() {
	case reflect.Pointer:
		return shape(t.Elem())
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return "bytes"
		}
		return "[" + shape(t.Elem())
	case reflect.Map:
		return "{" + shape(t.Elem())
	case reflect.Struct:
		visit(t)
		return identity(t)
	case reflect.Int:
		return "int64"
	default:
		return t.Kind().String()
	}
}

// plain is what a type would be called if nothing in it had a name but its structs.
func plain(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Pointer:
		return plain(t.Elem())
	case reflect.Slice:
		return "[]" + plain(t.Elem())
	case reflect.Map:
		return "map[string]" + plain(t.Elem())
	case reflect.Struct, reflect.Interface:
		return t.String()
	case reflect.Int:
		return "int64"
	default:
		return t.Kind().String()
	}
}

func isStruct(t reflect.Type) bool { return t.Kind() == reflect.Struct }

// members lists the members of a struct. Those of an embedded one are its own in JSON, and in a message of their own in protobuf:
// at is the path to it, or "-" where there is no such message.
func members(t reflect.Type, at string) []field {
	found := []field{}
	for i := range t.NumField() {
		member := t.Field(i)
		name, options, _ := strings.Cut(member.Tag.Get("json"), ",")
		if name == "-" || !member.IsExported() {
			continue
		}
		if name == "" && (strings.Contains(options, "inline") || member.Anonymous) {
			found = append(found, members(member.Type, below(at, number(member)))...)
			continue
		}
		if name == "" {
			name = member.Name
		}
		empty := "always"
		if member.Type.Kind() == reflect.Pointer {
			if strings.Contains(options, "omitempty") {
				empty = "keep"
			} else {
				empty = "null"
			}
		} else if strings.Contains(options, "omitzero") || (strings.Contains(options, "omitempty") && !isStruct(member.Type)) {
			empty = "omit"
		}
		one := field{Name: name, Type: shape(member.Type), Empty: empty, Merge: member.Tag.Get("patchStrategy"), Keys: member.Tag.Get("patchMergeKey")}
		if wire := below(at, number(member)); wire != "-" {
			one.Wire = wire
		}
		if called := strings.ReplaceAll(member.Type.String(), "*", ""); called != plain(member.Type) {
			one.Named = called
		}
		found = append(found, one)
	}
	return found
}

func number(member reflect.StructField) string {
	parts := strings.Split(member.Tag.Get("protobuf"), ",")
	if len(parts) < 2 {
		return "-"
	}
	return parts[1]
}

func below(at string, number string) string {
	if at == "-" || number == "-" {
		return "-"
	}
	if at == "" {
		return number
	}
	return at + "." + number
}

func visit(t reflect.Type) {
	if _, known := structs[identity(t)]; known {
		return
	}
	structs[identity(t)] = structure{}
	structs[identity(t)] = structure{Go: t.String(), Fields: members(t, "")}
}

func main() {
	must(apiextensions.AddToScheme(scheme.Scheme))
	must(apiextensionsbeta.AddToScheme(scheme.Scheme))
	must(aggregator.AddToScheme(scheme.Scheme))
	must(aggregatorbeta.AddToScheme(scheme.Scheme))
	kinds := map[string]string{}
	for kind, t := range scheme.Scheme.AllKnownTypes() {
		if t.PkgPath() == "k8s.io/apimachinery/pkg/apis/meta/v1" || kind.Version == "__internal" || strings.HasSuffix(kind.Kind, "List") {
			continue
		}
		kinds[kind.Group+"/"+kind.Version+"/"+kind.Kind] = shape(t)
	}
	shape(reflect.TypeFor[meta.DeleteOptions]())
	must(json.NewEncoder(os.Stdout).Encode(map[string]any{"kinds": kinds, "structs": structs}))
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
