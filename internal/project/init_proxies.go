package project

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// reachOthers looks where the development server of an app passes requests on to
// by an address of this machine: in its container nothing listens there. A variable
// that the settings read is set; of what they have as it is, it is said what to
// write. others are the model's services.
func reachOthers(f *Facts, s *Service, others []Service) []Finding {
	var findings []Finding
	for _, p := range f.Survey.Proxies {
		if _, set := s.Environment[p.Variable]; p.Port == s.Port || set || s.composeSets(p.Variable) {
			continue // it means itself, or what was set for it
		}
		where := fmt.Sprintf("%s:%d", inFolder(s.Dir, p.File), p.Line)
		other, sure := listenerOf(p.Port, s, others)
		if p.Example != "" {
			findings = append(findings, s.reachByVariable(p, where, other, sure)...)
			continue
		}
		if other.Name == "" {
			findings = append(findings, Finding{What: "environment", Warning: true, Source: fmt.Sprintf(
				"%s has %s, where nothing listens in its container; make what it means a service, and write its name", where, p.URL)})
			continue
		}
		scheme, _, _ := strings.Cut(p.URL, "://")
		url := fmt.Sprintf("%s://%s:%d", scheme, other.Name, other.Port)
		if sure && p.Variable != "" && !inBrowser(p.Variable) {
			s.setEnv(p.Variable, url)
			findings = append(findings, Finding{What: "environment", Value: p.Variable + "=" + url, Source: where + " reads it, and has " + p.URL + " otherwise, where nothing listens in its container"})
			continue
		}
		remedy := "write " + url + ", or have it read a variable"
		if !sure {
			remedy = fmt.Sprintf("write %s if it means %s, which listens on another port", url, other.Name)
		}
		findings = append(findings, Finding{What: "environment", Warning: true, Source: fmt.Sprintf(
			"%s has %s, where nothing listens in its container; %s", where, p.URL, remedy)})
	}
	return findings
}

// reachByVariable sets a variable that has an address of this machine in a file of
// variables to that of the service that is meant.
func (s *Service) reachByVariable(p Proxy, where string, other Service, sure bool) []Finding {
	if !sure {
		return nil // nothing of this project may be meant
	}
	about := fmt.Sprintf("%s reads it, and %s has an address of this machine, where nothing listens in its container", where, inFolder(s.Dir, p.Example))
	if inBrowser(p.Variable) {
		return []Finding{{What: "environment", Warning: true, Source: fmt.Sprintf(
			"%s: %s; browsers read it too, so have the settings read another variable, with the address of %s: http://%s:%d", p.Variable, about, other.Name, other.Name, other.Port)}}
	}
	before, after, _ := strings.Cut(p.URL, ":"+strconv.Itoa(p.Port))
	scheme, _, hasScheme := strings.Cut(before, "://")
	url := fmt.Sprintf("%s:%d%s", other.Name, other.Port, after)
	if hasScheme {
		url = scheme + "://" + url
	}
	s.setEnv(p.Variable, url)
	return []Finding{{What: "environment", Value: p.Variable + "=" + url, Source: about}}
}

// listenerOf is the app that a port of this machine means: the one that listens on
// it, which is sure, or the only other one that listens at all. It has no name where
// there is neither.
func listenerOf(port int, s *Service, all []Service) (other Service, sure bool) {
	others := slices.DeleteFunc(slices.Clone(all), func(o Service) bool { return o.Name == s.Name || o.Port == 0 })
	if i := slices.IndexFunc(others, func(o Service) bool { return o.Port == port }); i >= 0 {
		return others[i], true
	}
	if len(others) == 1 {
		return others[0], false
	}
	return Service{}, false
}

// inBrowser tells of a variable that a build puts into what browsers load, where
// the names of services mean nothing.
func inBrowser(variable string) bool {
	return slices.ContainsFunc([]string{"VITE_", "NEXT_PUBLIC_", "REACT_APP_", "NUXT_PUBLIC_", "PUBLIC_", "VUE_APP_", "GATSBY_"}, func(prefix string) bool {
		return strings.HasPrefix(variable, prefix)
	})
}
