package lockfile

import (
	"fmt"
	"testing"
)

func TestGapsOfALock(t *testing.T) {
	const whole = `{"lockfileVersion":%d,"packages":{
		"":{"dependencies":{"esbuild":"1","b":"1"}},
		"node_modules/esbuild":{"version":"1.0.0","dependencies":{"c":"1"},"optionalDependencies":{"@esbuild/linux-x64":"1.0.0","@esbuild/darwin-arm64":"1.0.0"},"peerDependencies":{"peer":"1"}},
		"node_modules/@esbuild/darwin-arm64":{"version":"1.0.0","optional":true,"os":["darwin"]},%s
		"node_modules/b":{"version":"1.0.0","bundleDependencies":["d"],"dependencies":{"d":"1"}}}}`
	const c, linux = `"node_modules/esbuild/node_modules/c":{"version":"1.0.0"},`, `"node_modules/@esbuild/linux-x64":{"version":"1.0.0","optional":true,"os":["linux"]},`
	tests := map[string]struct{ lock, want string }{
		"none":                      {fmt.Sprintf(whole, 3, c+linux), "[]"},
		"another platform's":        {fmt.Sprintf(whole, 3, c), "[{esbuild @esbuild/linux-x64}]"},
		"an entry of any":           {fmt.Sprintf(whole, 2, linux), "[{esbuild c}]"},
		"a format that cannot tell": {`{"lockfileVersion":1,"dependencies":{"a":{"version":"1.0.0","requires":{"b":"1"}}}}`, "[]"},
	}
	for name, test := range tests {
		l, err := Parse("package-lock.json", []byte(test.lock))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got := fmt.Sprint(l.Gaps()); got != test.want {
			t.Errorf("%s: gaps %s, want %s", name, got, test.want)
		}
	}
}
