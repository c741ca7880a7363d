package session

import (
	"path"
	"slices"
	"strings"

	"github.com/devbox-node/devbox/internal/project"
)

// What changes nothing for a running app is only what is certain to: a restart
// too many costs a moment, one too few shows old code. So a test is source (an
// app may load every file of a folder), and so is a Markdown file that is not a
// document about the project (a site may be made of it).

var (
	// idleNames are files about a project, for people and for other tools.
	idleNames = []string{
		".gitignore", ".gitattributes", ".gitmodules", ".mailmap", ".editorconfig", ".env.example", ".env.sample", ".env.template",
		".prettierrc", ".prettierignore", ".eslintrc", ".eslintignore", ".stylelintrc", ".lintstagedrc", ".gitlab-ci.yml", ".travis.yml",
		"biome.json", "biome.jsonc", "renovate.json", "CODEOWNERS", "turbo.json", "nx.json", "lerna.json",
	}
	// idleStems are such names with an ending of any kind.
	idleStems = []string{".prettierrc", "prettier.config", ".eslintrc", "eslint.config", ".stylelintrc", ".lintstagedrc"}
	// idleFolders at the top are for other tools.
	idleFolders = []string{".github", ".gitlab", ".circleci", ".husky", ".changeset", ".devcontainer"}
	documents   = []string{
		"README", "LICENSE", "LICENCE", "COPYING", "NOTICE", "CHANGELOG", "CHANGES", "HISTORY", "CONTRIBUTING", "CODE_OF_CONDUCT",
		"SECURITY", "AUTHORS", "CONTRIBUTORS", "MAINTAINERS",
	}
)

func idle(file, dir, name string) bool {
	top, _, _ := strings.Cut(file, "/")
	ext := path.Ext(name)
	stem := strings.TrimSuffix(name, ext)
	switch {
	case dir == "" && (name == project.ComposeProdFile || strings.EqualFold(ext, ".md")):
		return true
	case dir != "" && slices.Contains(idleFolders, top):
		return true
	case slices.Contains(documents, strings.ToUpper(stem)):
		return slices.Contains([]string{"", ".md", ".txt", ".rst", ".adoc"}, strings.ToLower(ext))
	}
	return slices.Contains(idleNames, name) || slices.Contains(idleStems, stem)
}
