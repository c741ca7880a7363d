package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/devbox-node/devbox/internal/project"
	"github.com/devbox-node/devbox/internal/term"
)

// ask asks at a terminal what the folder does not show, and which services
// shall run beside the app. It changes choices by the answers.
func (d *deps) ask(ctx context.Context, facts *project.Facts, c *project.Choices) error {
	for _, offer := range project.Offers(facts, *c) {
		yes, err := d.yesNo(ctx, fmt.Sprintf("%s as a service (%s)?", offer.Title, offer.Source), offer.Sure)
		if err != nil {
			return err
		}
		if yes {
			c.Use = append(c.Use, offer.Kind)
		} else {
			c.Without = append(c.Without, offer.Kind)
		}
	}
	_, findings, err := project.InitModel(facts, *c)
	if err != nil {
		return err
	}
	for _, f := range findings {
		if !f.Guess || f.Service != "" {
			continue
		}
		if err := d.askFor(ctx, f, c); err != nil {
			return err
		}
	}
	return nil
}

// askFor asks for the value of what was only guessed.
func (d *deps) askFor(ctx context.Context, f project.Finding, c *project.Choices) error {
	questions := map[string]string{
		"dev": "Which command starts the app?", "port": "Which port does it listen on (0 for none)?", "package-manager": "Which package manager governs?",
	}
	question, known := questions[f.What]
	if !known {
		return nil
	}
	fmt.Fprintf(d.err, "%s [%s] ", question, term.Clean(f.Value))
	answer, err := d.answer(ctx)
	if err != nil || answer == "" {
		return err
	}
	switch f.What {
	case "dev":
		c.Dev = answer
	case "port":
		port, err := strconv.Atoi(answer)
		if err != nil {
			return &usageError{text: fmt.Sprintf("%q is no port", term.Clean(answer)), hint: "devbox init --port NUMBER"}
		}
		c.Port = port
	case "package-manager":
		c.PackageManager = answer
	}
	return nil
}

func (d *deps) yesNo(ctx context.Context, question string, otherwise bool) (bool, error) {
	choices := "y/N"
	if otherwise {
		choices = "Y/n"
	}
	fmt.Fprintf(d.err, "%s [%s] ", term.Clean(question), choices)
	answer, err := d.answer(ctx)
	if err != nil {
		return false, err
	}
	switch strings.ToLower(answer) {
	case "y", "yes":
		return true, nil
	case "n", "no":
		return false, nil
	}
	return otherwise, nil
}

// answer is a line without the white space around it.
func (d *deps) answer(ctx context.Context) (string, error) {
	line, err := d.readLine(ctx)
	return strings.TrimSpace(line), err
}
