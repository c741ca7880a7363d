package session

import (
	"slices"
	"testing"

	"github.com/devbox-node/devbox/internal/project"
)

// What runs can be asked for where package.json or devbox.yaml is broken: the
// Compose file alone says what there is.
func TestStatusWithoutAReadableProject(t *testing.T) {
	s := newScene(t)
	env := s.env()
	d, err := env.Converge(t.Context(), project.Dev, PlanOptions{Start: true})
	if err != nil {
		t.Fatal(err)
	}
	want, err := env.Status(t.Context(), d.Project, d.Compose)
	if err != nil {
		t.Fatal(err)
	}
	s.write("package.json", `{"name": `)
	got, err := env.Status(t.Context(), nil, d.Compose)
	if err != nil {
		t.Fatal(err)
	}
	if len(want.Services) != 1 || want.Services[0].URL == "" || want.Services[0].Port == 0 {
		t.Fatalf("what there is to tell: %+v", want)
	}
	// The version is in the project alone.
	want.Services[0].Node = ""
	if !slices.Equal(got.Services, want.Services) || got.Project != want.Project || got.Dir != want.Dir {
		t.Errorf("status %+v, want %+v", got, want)
	}
}
