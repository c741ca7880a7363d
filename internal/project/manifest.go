package project

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
)

// editedSections are the sections of package.json that package managers write
// when packages are added, removed or updated.
var editedSections = []string{
	"dependencies", "devDependencies", "optionalDependencies", "peerDependencies", "peerDependenciesMeta", "dependenciesMeta",
	"bundleDependencies", "bundledDependencies", "pnpm", "trustedDependencies", "allowScripts", "workspaces", "catalog", "catalogs",
}

// EditManifest takes over into a package.json what a package manager changed
// in its copy of it. Only the sections about dependencies are looked at, and
// in them only what differs is written, in the style of what stands around it;
// every other byte stays as it was. A package manager that writes the whole
// file anew loses indentation, line endings or order.
//
// The error is a *ConfigError where one of the two is no JSON object.
func EditManifest(original, result []byte) ([]byte, error) {
	body := bytes.TrimPrefix(original, []byte(byteOrderMark))
	result = bytes.TrimPrefix(result, []byte(byteOrderMark))
	was, err := parseManifest(body)
	if err != nil {
		return nil, err
	}
	now, err := parseManifest(result)
	if err != nil {
		return nil, err
	}
	e := manifestEditor{was: body, now: result, style: styleOf(body, was)}
	edited := e.root(was, now)
	if err := sameSections(edited, result); err != nil {
		return nil, err
	}
	head := original[:len(original)-len(body)]
	return slices.Concat(head, body[:was.offset], edited, body[was.end:]), nil
}

func parseManifest(data []byte) (jsonValue, error) {
	v, problem := parseJSON(data)
	if problem == nil && v.kind != jsonObject {
		p := problemAt(data, v.offset, fmt.Sprintf("this is %s", v.kind), "a package.json is an object: {}")
		problem = &p
	}
	if problem != nil {
		return v, configError(packageFile, []Problem{*problem})
	}
	return v, nil
}

var errSections = errors.New("the dependencies in the two package.json differ")

// sameSections compares the edited sections of two documents by what they mean.
func sameSections(a, b []byte) error {
	var x, y map[string]any
	if err := errors.Join(decodeNumbers(a, &x), decodeNumbers(b, &y)); err != nil {
		return err
	}
	for _, name := range editedSections {
		if !reflect.DeepEqual(x[name], y[name]) {
			return fmt.Errorf("%w: %s", errSections, name)
		}
	}
	return nil
}

// decodeNumbers decodes JSON and keeps numbers as they are written.
func decodeNumbers(data []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	return d.Decode(v)
}
