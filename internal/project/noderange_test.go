package project

import "testing"

func TestRanges(t *testing.T) {
	cases := []struct {
		text    string
		in, out []string
	}{
		{"20.1.0", []string{"20.1.0"}, []string{"20.1.1", "20.0.9"}},
		{"=v20.1.0", []string{"20.1.0"}, []string{"20.1.1"}},
		{"20", []string{"20.0.0", "20.99.0"}, []string{"19.9.9", "21.0.0"}},
		{"20.x", []string{"20.0.0", "20.99.0"}, []string{"21.0.0"}},
		{"20.1.x", []string{"20.1.7"}, []string{"20.2.0"}},
		{"*", []string{"0.0.1", "99.0.0"}, nil},
		{"", []string{"0.0.1", "99.0.0"}, nil},
		{">=18", []string{"18.0.0", "30.0.0"}, []string{"17.9.9"}},
		{"> 18", []string{"19.0.0"}, []string{"18.9.9"}},
		{"<= 20", []string{"20.9.9", "1.0.0"}, []string{"21.0.0"}},
		{"<20", []string{"19.9.9"}, []string{"20.0.0"}},
		{">=18.2 <21", []string{"18.2.0", "20.9.0"}, []string{"18.1.9", "21.0.0"}},
		{"^20.3.1", []string{"20.3.1", "20.9.0"}, []string{"20.3.0", "21.0.0"}},
		{"^0.12.3", []string{"0.12.3", "0.12.9"}, []string{"0.13.0"}},
		{"~20.3", []string{"20.3.0", "20.3.9"}, []string{"20.4.0"}},
		{"~20", []string{"20.9.9"}, []string{"21.0.0"}},
		{"18 || >=22.1", []string{"18.4.0", "22.1.0"}, []string{"20.0.0", "22.0.9"}},
		{"18.1 - 20", []string{"18.1.0", "20.9.9"}, []string{"18.0.0", "21.0.0"}},
		{">=20.0.0-rc.1", []string{"20.0.0"}, []string{"19.0.0"}},
	}
	for _, c := range cases {
		r, ok := parseRange(c.text)
		if !ok {
			t.Errorf("%q is not understood", c.text)
			continue
		}
		for _, v := range c.in {
			if !r.has(nodeRelease{version: v}.number()) {
				t.Errorf("%q does not allow %s", c.text, v)
			}
		}
		for _, v := range c.out {
			if r.has(nodeRelease{version: v}.number()) {
				t.Errorf("%q allows %s", c.text, v)
			}
		}
	}
	for _, text := range []string{"latest", "lts/*", "20 or so", "^^20", "20.1.0.0", "$(id)", "99999999999999999999", ">="} {
		if r, ok := parseRange(text); ok {
			t.Errorf("%q is understood as %v", text, r)
		}
	}
}

func FuzzParseRange(f *testing.F) {
	f.Add(">=18 <23 || ^1.x - 2")
	f.Fuzz(func(_ *testing.T, text string) {
		if r, ok := parseRange(text); ok {
			r.has(version{20, 1, 2})
			r.least()
		}
		_, _ = resolveNode(text)
	})
}

func TestResolveNode(t *testing.T) {
	for text, want := range map[string]string{
		"26": "26.10.0", "24": "24.21.0", "v22": "22.23.3", "24.3.1": "24.3.1", "v24.3.1": "24.3.1", "=24.3.1": "24.3.1",
		"lts/*": "26.10.0", "node": "26.10.0", "LTS": "26.10.0", "lts/krypton": "24.21.0", "lts/Jod": "22.23.3",
		">=18": "26.10.0", "^20": "20.20.2", "18.x": "18.20.8", ">=16 <21": "20.20.2", "20 || 22": "22.23.3", "*": "26.10.0",
		"14": "", "lts/argon": "", "99": "", "x y": "", "system": "", "26.99": "",
	} {
		got, ok := resolveNode(text)
		if got.version != want || ok != (want != "") {
			t.Errorf("resolveNode(%q) = %q, %v; want %q", text, got.version, ok, want)
		}
	}
}

func TestNodeReleasesAreInOrder(t *testing.T) {
	for i, r := range nodeReleases {
		if !exactNode.MatchString(r.version) || r.date == "" || r.line == "" {
			t.Errorf("%+v is not whole", r)
		}
		if i > 0 && r.number().compare(nodeReleases[i-1].number()) >= 0 {
			t.Errorf("%s does not belong after %s", r.version, nodeReleases[i-1].version)
		}
		if i > 0 && nodeReleases[i-1].ended && !r.ended {
			t.Errorf("%s is maintained and comes after one that is not", r.version)
		}
	}
}
