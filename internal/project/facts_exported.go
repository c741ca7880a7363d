package project

var (
	// exportedServer is what Bun and other runtimes serve by themselves: a default
	// export with fetch.
	exportedServer = lazy(`\bexport\s+default\s*\{([^{}]{0,400})\}`)
	exportsFetch   = lazy(`(?:^|[\s,])fetch\b\s*[:,(]|(?:^|[\s,])fetch\s*$`)
	exportedPort   = lazy(`\bport\s*:[^,\n]{0,60}?\b(\d{2,5})\b`)
)

// readExport takes in a server that a file exports for its runtime to serve.
func (s *Sources) readExport(name, text string) {
	server := exportsServer(text)
	if server == "" {
		return
	}
	s.Listens = true
	if m := exportedPort().FindStringSubmatch(server); m != nil && s.Port.Text == "" && validPort(m[1]) {
		s.Port = Fact{m[1], name}
	}
}

// exportsServer is what stands in the default export of a file that a runtime serves;
// empty where there is none.
func exportsServer(text string) string {
	if !has(text, "export default") || !has(text, "fetch") {
		return ""
	}
	m := exportedServer().FindStringSubmatch(text)
	if m == nil || !exportsFetch().MatchString(m[1]) {
		return ""
	}
	return m[1]
}
