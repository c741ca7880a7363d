package project

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestEditManifestKeepsWhatThePackageManagerDidNotMean(t *testing.T) {
	tests := []struct{ name, original, result, want string }{
		{
			"a package more, in its sorted place, indented by tabs",
			"{\n\t\"name\": \"x\",\n\t\"dependencies\": {\n\t\t\"a\": \"1\",\n\t\t\"c\": \"1\"\n\t}\n}\n",
			`{"name": "x", "dependencies": {"a": "1", "b": "^2.0.0", "c": "1"}}`,
			"{\n\t\"name\": \"x\",\n\t\"dependencies\": {\n\t\t\"a\": \"1\",\n\t\t\"b\": \"^2.0.0\",\n\t\t\"c\": \"1\"\n\t}\n}\n",
		},
		{
			"a package before the first, and no line break at the end",
			"{\n    \"dependencies\": {\n        \"b\": \"1\"\n    }\n}",
			"{\n  \"dependencies\": {\n    \"a\": \"1\",\n    \"b\": \"1\"\n  }\n}\n",
			"{\n    \"dependencies\": {\n        \"a\": \"1\",\n        \"b\": \"1\"\n    }\n}",
		},
		{
			"Windows line breaks and a byte order mark",
			"\uFEFF{\r\n  \"name\": \"x\",\r\n  \"dependencies\": {\r\n    \"a\": \"1\"\r\n  }\r\n}\r\n",
			"{\n  \"name\": \"x\",\n  \"dependencies\": {\n    \"a\": \"2\",\n    \"b\": \"1\"\n  },\n  \"devDependencies\": {\n    \"c\": \"1\"\n  }\n}\n",
			"\uFEFF{\r\n  \"name\": \"x\",\r\n  \"dependencies\": {\r\n    \"a\": \"2\",\r\n    \"b\": \"1\"\r\n  },\r\n  \"devDependencies\": {\r\n    \"c\": \"1\"\r\n  }\r\n}\r\n",
		},
		{
			"an order of its own stays, and a new package comes last",
			"{\n  \"dependencies\": {\n    \"z\": \"1\",\n    \"a\": \"1\"\n  }\n}\n",
			`{"dependencies": {"a": "1", "b": "1", "z": "1"}}`,
			"{\n  \"dependencies\": {\n    \"z\": \"1\",\n    \"a\": \"1\",\n    \"b\": \"1\"\n  }\n}\n",
		},
		{
			"a section more, behind the one that it follows in the result",
			"{\n  \"name\": \"x\",\n  \"scripts\": { \"start\": \"node .\" },\n  \"files\": [\"a\", \"b\"]\n}\n",
			`{"name": "x", "scripts": {"start": "node ."}, "files": ["a", "b"], "dependencies": {"a": "1"}}`,
			"{\n  \"name\": \"x\",\n  \"scripts\": { \"start\": \"node .\" },\n  \"files\": [\"a\", \"b\"],\n  \"dependencies\": {\n    \"a\": \"1\"\n  }\n}\n",
		},
		{
			"a section that is gone, the last one",
			"{\n  \"name\": \"x\",\n  \"dependencies\": {\n    \"a\": \"1\"\n  }\n}\n",
			`{"name": "x"}`,
			"{\n  \"name\": \"x\"\n}\n",
		},
		{
			"a section that is gone, the first one",
			"{ \"dependencies\": {\"a\": \"1\"}, \"name\": \"x\" }",
			`{"name": "x"}`,
			"{ \"name\": \"x\" }",
		},
		{
			"a section that was emptied",
			"{\n  \"dependencies\": {\n    \"a\": \"1\"\n  },\n  \"name\": \"x\"\n}\n",
			`{"dependencies": {}, "name": "x"}`,
			"{\n  \"dependencies\": {},\n  \"name\": \"x\"\n}\n",
		},
		{
			"a package in an empty section",
			"{\n  \"dependencies\": {},\n  \"name\": \"x\"\n}\n",
			`{"dependencies": {"a": "1"}, "name": "x"}`,
			"{\n  \"dependencies\": {\n    \"a\": \"1\"\n  },\n  \"name\": \"x\"\n}\n",
		},
		{
			"everything in one line",
			`{"name":"x","dependencies":{"a":"1","c":"1"}}`,
			`{"name": "x", "dependencies": {"a": "1", "b": "1", "c": "1"}, "devDependencies": {"d": "1", "e": "1"}}`,
			`{"name":"x","dependencies":{"a":"1","b":"1","c":"1"},"devDependencies":{"d":"1","e":"1"}}`,
		},
		{
			"an empty object",
			"{}\n",
			`{"dependencies": {"a": "1"}}`,
			"{\n  \"dependencies\": {\n    \"a\": \"1\"\n  }\n}\n",
		},
		{
			"one line of a section, commas that stand apart, blank lines",
			"{\n  \"dependencies\": { \"b\" : \"1\" , \"c\" : \"1\" },\n\n  \"private\": true\n}\n",
			`{"dependencies": {"a": "1", "b": "2", "c": "1"}, "private": true}`,
			"{\n  \"dependencies\": { \"a\" : \"1\", \"b\" : \"2\" , \"c\" : \"1\" },\n\n  \"private\": true\n}\n",
		},
		{
			"from one section to another, and blank lines between groups",
			"{\n  \"dependencies\": {\n    \"a\": \"1\",\n\n    \"b\": \"1\"\n  },\n  \"devDependencies\": {\n    \"c\": \"1\"\n  }\n}\n",
			`{"dependencies": {"b": "1"}, "devDependencies": {"a": "1", "c": "1"}}`,
			"{\n  \"dependencies\": {\n    \"b\": \"1\"\n  },\n  \"devDependencies\": {\n    \"a\": \"1\",\n    \"c\": \"1\"\n  }\n}\n",
		},
		{
			"a list in one line, and settings inside of settings",
			"{\n  \"trustedDependencies\": [\"a\", \"b\"],\n  \"pnpm\": {\n    \"overrides\": {\"x\": \"1\"},\n    \"onlyBuiltDependencies\": [\n      \"a\"\n    ]\n  }\n}\n",
			`{"trustedDependencies": ["a", "b", "c"], "pnpm": {"overrides": {"x": "1"}, "onlyBuiltDependencies": ["a", "b"]}}`,
			"{\n  \"trustedDependencies\": [\"a\", \"b\", \"c\"],\n  \"pnpm\": {\n    \"overrides\": {\"x\": \"1\"},\n    \"onlyBuiltDependencies\": [\n      \"a\",\n      \"b\"\n    ]\n  }\n}\n",
		},
		{
			"escapes and numbers elsewhere, and what the package manager wrote besides",
			"{\n  \"name\": \"caf\\u00e9\",\n  \"n\": 1.0,\n  \"dependencies\": {\"a\": \"\\u003e1\"}\n}\n",
			`{"name": "café", "n": 1, "packageManager": "yarn@4.0.0", "dependencies": {"a": ">1", "b": "<2"}}`,
			"{\n  \"name\": \"caf\\u00e9\",\n  \"n\": 1.0,\n  \"dependencies\": {\"a\": \"\\u003e1\", \"b\": \"<2\"}\n}\n",
		},
		{
			"a name that is there twice: the last one counts",
			"{\n  \"dependencies\": {\n    \"a\": \"1\",\n    \"a\": \"2\"\n  }\n}\n",
			`{"dependencies": {"a": "3"}}`,
			"{\n  \"dependencies\": {\n    \"a\": \"1\",\n    \"a\": \"3\"\n  }\n}\n",
		},
		{
			"lines that hold several members",
			"{ \"name\": \"x\",\n\t\"version\": \"1\", \"private\": true }\n",
			`{"name": "x", "version": "1", "private": true, "dependencies": {"a": "1"}}`,
			"{ \"name\": \"x\",\n\t\"version\": \"1\", \"private\": true,\n\t\"dependencies\": {\n\t\t\"a\": \"1\"\n\t} }\n",
		},
		{
			"a section that becomes something else",
			"{\n  \"bundleDependencies\": false\n}\n",
			`{"bundleDependencies": ["a"]}`,
			"{\n  \"bundleDependencies\": [\n    \"a\"\n  ]\n}\n",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := EditManifest([]byte(tt.original), []byte(tt.result))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, string(got)); diff != "" {
				t.Errorf("want -, got +:\n%s", diff)
			}
			if again, err := EditManifest(got, []byte(tt.result)); err != nil || !bytes.Equal(again, got) {
				t.Errorf("a second edit changes it: %s, %v", again, err)
			}
		})
	}
}

func TestEditManifestRefusesWhatIsNoManifest(t *testing.T) {
	for _, bad := range []string{"", "[]", "{", "{\"dependencies\": {}", "null", "{}{}", "\xff"} {
		var config *ConfigError
		if _, err := EditManifest([]byte(bad), []byte("{}")); !errors.As(err, &config) {
			t.Errorf("%q is edited: %v", bad, err)
		}
		if _, err := EditManifest([]byte("{}"), []byte(bad)); !errors.As(err, &config) {
			t.Errorf("%q is taken over: %v", bad, err)
		}
	}
}

// others are the members that are none of the edited sections, each as it is written.
func others(t *testing.T, data []byte) (list []string) {
	t.Helper()
	data = bytes.TrimPrefix(data, []byte(byteOrderMark))
	root, problem := parseJSON(data)
	if problem != nil {
		t.Fatalf("%s: %v", data, problem)
	}
	for _, en := range entries(data, root) {
		if !slices.Contains(editedSections, en.id) {
			list = append(list, en.text)
		}
	}
	return list
}

func FuzzEditManifest(f *testing.F) {
	f.Add("{\n  \"dependencies\": {\"a\": \"1\"},\n  \"x\": [1, {}]\n}\n", `{"dependencies": {"b": "1"}, "pnpm": {"x": ["a"]}}`)
	f.Add("{\"a\":1,\"dependencies\":{},\"dependencies\":{\"a\":[]}}", `{"dependencies": {"a": [1, 1, {"x": []}]}}`)
	f.Add("\uFEFF{\r\n\t\"trustedDependencies\" : [ 1 , 2 ] ,\r\n\t\"x\" : \"\" }\r\n", `{"x": "", "trustedDependencies": [2, 3, 1]}`)
	f.Fuzz(func(t *testing.T, original, result string) {
		got, err := EditManifest([]byte(original), []byte(result))
		if err != nil {
			var config *ConfigError
			if !errors.As(err, &config) {
				t.Fatal(err)
			}
			return
		}
		if !sameManifest(got, []byte(result)) {
			t.Fatalf("it says something else: %s", got)
		}
		if diff := cmp.Diff(others(t, []byte(original)), others(t, got)); diff != "" {
			t.Fatalf("other members changed:\n%s", diff)
		}
		if again, err := EditManifest(got, []byte(result)); err != nil || !bytes.Equal(again, got) {
			t.Fatalf("a second edit changes it:\n%s\n%s\n%v", got, again, err)
		}
		if same, err := EditManifest([]byte(original), []byte(original)); err != nil || string(same) != original {
			t.Fatalf("with nothing to change it becomes %q, %v", same, err)
		}
	})
}

func TestSameManifestMindsDependenciesOnly(t *testing.T) {
	base := `{"name": "x", "dependencies": {"a": "1", "b": "1"}}`
	for other, want := range map[string]bool{
		`{"dependencies": {"b": "1", "a": "1"}}`: true,
		"\uFEFF" + base:                          true,
		`{"dependencies": {"a": "1"}}`:           false,
		`{"dependencies": {"a": "1", "b": "1"}, "devDependencies": {"c": "1"}}`: false,
		`{`: false,
	} {
		if got := sameManifest([]byte(base), []byte(other)); got != want {
			t.Errorf("%s: %v", other, got)
		}
	}
}

// sameManifest tells whether two package.json say the same about dependencies.
// What cannot be read is not the same.
func sameManifest(a, b []byte) bool {
	return sameSections(bytes.TrimPrefix(a, []byte(byteOrderMark)), bytes.TrimPrefix(b, []byte(byteOrderMark))) == nil
}
