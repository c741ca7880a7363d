package project

import (
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/types"
)

const stagedDockerfile = `FROM node:26 AS base
RUN one
FROM --platform=linux/amd64 base as dev-base
USER node
FROM dev-base AS deps
COPY package.json ./
FROM deps AS dev
CMD ["node"]
`

func TestStageChainIsWhatAStageIsMadeOf(t *testing.T) {
	tests := []struct {
		stage     string
		has, not  []string
		fromFiles bool
	}{
		{"base", []string{"RUN one"}, []string{"USER node"}, false},
		{"dev-base", []string{"RUN one", "USER node"}, []string{"COPY", "CMD"}, false},
		{"dev", []string{"RUN one", "USER node", "COPY", "CMD"}, nil, true},
		{"prod", nil, []string{"FROM"}, false},
	}
	for _, tt := range tests {
		chain := stageChain([]byte(stagedDockerfile), tt.stage)
		for _, words := range tt.has {
			if !strings.Contains(chain, words) {
				t.Errorf("the chain of %s lacks %q:\n%s", tt.stage, words, chain)
			}
		}
		for _, words := range tt.not {
			if strings.Contains(chain, words) {
				t.Errorf("the chain of %s has %q:\n%s", tt.stage, words, chain)
			}
		}
		if got := copyLine.MatchString(chain); got != tt.fromFiles {
			t.Errorf("%s takes in files = %v, want %v", tt.stage, got, tt.fromFiles)
		}
	}
}

func TestStageDigestDoesNotFollowTheLock(t *testing.T) {
	digest := func(files map[string]string) (string, bool) {
		files[ModelFile] = installModel
		return projectOf(t, files).StageDigest("dev-base")
	}
	without, ok := digest(map[string]string{})
	if !ok {
		t.Fatal("the digest of a rendered stage cannot be told")
	}
	with, ok := digest(map[string]string{"package.json": "{}", "package-lock.json": `{"lockfileVersion": 3}`})
	if !ok || with != without {
		t.Errorf("a lock changes the digest: %s, %v, want %s", with, ok, without)
	}
	if _, ok := digest(map[string]string{DockerFile: "FROM scratch AS dev\n"}); ok {
		t.Error("the digest of somebody's own Dockerfile is told")
	}
	if _, ok := projectOf(t, map[string]string{ModelFile: installModel, "package.json": "{}"}).StageDigest("dev"); ok {
		t.Error("the digest of a stage that takes in files is told")
	}
}

func TestUseBaseImagesKeepsPlainComposesOwn(t *testing.T) {
	compose := func(p *Project) *Compose {
		c := &Compose{Services: map[string]ComposeService{}}
		build := func(target string) ComposeService {
			return ComposeService{Image: "shop-web:dev", Build: &types.BuildConfig{Context: p.Dir, Dockerfile: DockerFile, Target: target}}
		}
		c.Services["web"] = build("dev")
		c.Services["worker"] = ComposeService{Image: "shop-web:dev"}
		c.Services["db"] = ComposeService{Image: "postgres:15"}
		return c
	}
	p := projectOf(t, map[string]string{ModelFile: installModel})
	before := compose(p)
	out, bare := p.UseBaseImages(before)
	if !bare["web"] || !bare["worker"] || bare["db"] {
		t.Errorf("without packages are %v", bare)
	}
	for name, image := range map[string]string{"web": "shop-web:dev-base", "worker": "shop-web:dev-base", "db": "postgres:15"} {
		if got := out.Services[name].Image; got != image {
			t.Errorf("%s has image %s, want %s", name, got, image)
		}
	}
	if out.Services["web"].Build.Target != "dev-base" || before.Services["web"].Build.Target != "dev" {
		t.Errorf("targets: now %s, before %s", out.Services["web"].Build.Target, before.Services["web"].Build.Target)
	}
	foreign := projectOf(t, map[string]string{ModelFile: installModel, DockerFile: "FROM node:26 AS dev\n"})
	out, bare = foreign.UseBaseImages(compose(foreign))
	if len(bare) != 0 || out.Services["web"].Image != "shop-web:dev" {
		t.Errorf("a Dockerfile without the stage: %v, %s", bare, out.Services["web"].Image)
	}
}
