package project

import (
	"encoding/json"
	"maps"
)

// ModelSchema is the JSON schema of devbox.yaml, for editors.
func ModelSchema() []byte {
	root := objectSchema(modelKeys, map[string]map[string]any{
		"services": {
			"type": "object", "minProperties": 1, "maxProperties": maxServices,
			"propertyNames": map[string]any{"pattern": plainName.String(), "maxLength": maxName},
			"additionalProperties": map[string]any{"anyOf": []any{
				objectSchema(serviceKeys, map[string]map[string]any{"watch": objectSchema(watchKeys, nil)}),
				backingSchema(),
			}},
		},
		"lock":    objectSchema(lockKeys, nil),
		"volumes": objectSchema(volumeKeys, nil),
		"watch":   objectSchema(settingKeys, nil),
	})
	root["$schema"] = "http://json-schema.org/draft-07/schema#"
	root["title"] = ModelFile
	root["description"] = "A project of devbox: its services, and who may write its lock."
	data, err := json.MarshalIndent(root, "", "  ")
	if err != nil {
		panic("the tables of keys hold what JSON cannot: " + err.Error())
	}
	return append(data, '\n')
}

// objectSchema is the schema of a mapping with these keys; inner holds the
// schemas of the mappings in it.
func objectSchema[T any](keys []key[T], inner map[string]map[string]any) map[string]any {
	properties, required := map[string]any{}, []any{}
	for _, k := range keys {
		schema := maps.Clone(k.doc.Schema)
		if schema == nil {
			schema = maps.Clone(inner[k.name])
		}
		schema["description"] = k.doc.Text
		properties[k.name] = schema
		if k.doc.Default == "" {
			required = append(required, k.name)
		}
	}
	out := map[string]any{"type": "object", "additionalProperties": false, "properties": properties}
	if len(required) > 0 {
		out["required"] = required
	}
	return out
}

// backingSchema is the schema of a service that is no app: it uses one that
// devbox knows, or Compose's words have an image.
func backingSchema() map[string]any {
	schema := objectSchema(backingKeys, nil)
	image := map[string]any{"anyOf": []any{
		map[string]any{"required": []any{"image"}},
		map[string]any{"required": []any{"build"}},
	}}
	schema["anyOf"] = []any{
		map[string]any{"required": []any{"use"}},
		map[string]any{"required": []any{"compose"}, "properties": map[string]any{"compose": image}},
	}
	return schema
}
