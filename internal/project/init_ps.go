package project

import "slices"

// psTools start the app as a child and find what to end, at a restart or at the
// end, by means of ps, which slim images do not have.
var psTools = []string{"nest start", "concurrently", "conc", "npm-run-all", "run-p", "nx serve", "nx run", "nx run-many", "remix dev", "ts-node-dev", "tsnd"}

// addPS installs ps for development where the command needs it. An image of the
// user's own has what it has.
func addPS(f *Facts, s *Service) []Finding {
	tool := psTool(f, s.Dev)
	if tool == "" || s.Dockerfile.used() || slices.Contains(s.SystemPackages, "procps") || slices.Contains(s.BuildPackages, "procps") {
		return nil
	}
	s.BuildPackages = append(s.BuildPackages, "procps")
	slices.Sort(s.BuildPackages)
	return []Finding{{What: "build-packages", Value: "procps", Source: tool + " ends what it has started by means of ps"}}
}

// psTool names the tool of a command, or of the script that it runs, that needs
// ps.
func psTool(f *Facts, command Command) string {
	words := programWords(command)
	if len(words) == 3 && slices.Contains(managerNames, words[0]) && words[1] == "run" && f.Package != nil {
		line, err := lexShell(f.Package.Scripts[words[2]])
		if err != nil {
			return ""
		}
		words = nil
		for _, t := range line.tokens {
			words = append(words, t.text)
		}
	}
	for i := range words {
		if tool := toolIn(psTools, words[i:]); tool != "" {
			return tool
		}
	}
	return ""
}
