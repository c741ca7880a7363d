package project

import "strings"

// pickName decides the name of the project.
func pickName(f *Facts, c Choices) Finding {
	switch {
	case c.Name != "":
		return Finding{What: "name", Value: Slug(c.Name), Source: "--name"}
	case f.Package != nil && slugWords(f.Package.Name) != "":
		return Finding{What: "name", Value: Slug(f.Package.Name), Source: "package.json name"}
	}
	return Finding{What: "name", Value: Slug(c.Folder), Source: "the folder's name"}
}

// Slug makes a name for a Compose project of any text: of @scope/name the
// name, lower case, everything but letters and digits joined by single dashes.
func Slug(text string) string {
	if slug := slugWords(text); slug != "" {
		return slug
	}
	return "app"
}

func slugWords(text string) string {
	text = strings.TrimRight(text, "/")
	text = text[strings.LastIndexByte(text, '/')+1:]
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9')
	})
	slug := strings.Join(words, "-")
	return strings.TrimRight(slug[:min(len(slug), maxName)], "-")
}
