//go:build e2e

package e2e

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/devbox-node/devbox/internal/watch/watchtest"
)

// mailApp sends a mail for each path, by the ways that people tell nodemailer its
// server: an address, or its parts with an account that only production has.
const mailApp = `const http = require('node:http');
const mailer = require('nodemailer');
const { SMTP_URL, SMTP_HOST, SMTP_PORT, SMTP_USER, SMTP_PASS } = process.env;
const servers = {
  '/url': SMTP_URL,
  '/parts': { host: SMTP_HOST, port: SMTP_PORT, auth: { user: SMTP_USER, pass: SMTP_PASS } },
  '/account': { host: SMTP_HOST, port: SMTP_PORT, auth: { user: 'production', pass: 'knows' } },
};
http.createServer(async (req, res) => {
  try {
    if (servers[req.url]) await mailer.createTransport(servers[req.url]).sendMail({
      from: 'app@example.com', to: 'you@example.com', subject: 'grüße 🙂 by ' + req.url, text: 'text', html: '<p>text</p>',
    });
    res.end(servers[req.url] ? 'sent' : 'server=' + SMTP_HOST);
  } catch (error) { res.statusCode = 500; res.end(String(error)); }
}).listen(process.env.PORT || 3000, () => console.log('listening'));
process.on('SIGTERM', () => process.exit(0));
`

// mailpitVersion is what devbox has if nobody says one.
const mailpitVersion = "1.30.7"

// subjects are those of the mails that Mailpit has, the last one first.
func (w *world) subjects(page string) []string {
	w.t.Helper()
	var list struct{ Messages []struct{ Subject string } }
	w.eventually("Mailpit lists its mails", runTime, func() error {
		body, err := get(page + "/api/v1/messages")
		if err != nil {
			return err
		}
		return json.Unmarshal([]byte(body), &list)
	})
	subjects := []string{}
	for _, m := range list.Messages {
		subjects = append(subjects, m.Subject)
	}
	return subjects
}

// TestMailsAreSeenInMailpit sends mails with nodemailer and reads them in Mailpit.
func TestMailsAreSeenInMailpit(t *testing.T) {
	w := newWorld(t)
	const image = "axllent/mailpit:v" + mailpitVersion
	if !watchtest.Soak() && !w.hasImage(image) {
		t.Skipf("without -soak no time is taken to make %s", image)
	}
	w.image(image)
	port, pagePort := freePort(t), freePort(t)
	url, page := fmt.Sprintf("http://127.0.0.1:%d", port), fmt.Sprintf("http://127.0.0.1:%d", pagePort)
	w.env = []string{fmt.Sprintf("DEVBOX_WEB_PORT=%d", port), fmt.Sprintf("DEVBOX_WEB_PROD_PORT=%d", port), fmt.Sprintf("DEVBOX_MAIL_PORT=%d", pagePort)}
	w.write("package.json", `{"name": "web", "private": true, "scripts": {"start": "node index.js"}, "dependencies": {"nodemailer": "7.0.5"}}`)
	w.write("index.js", mailApp)

	w.step("init names it for nodemailer, and adds it when asked")
	init := []string{"init", "--yes", "--node", "24.21.0", "--name", w.name}
	if r := w.ok(append(init, "--dry-run")...); !strings.Contains(r.stdout+r.stderr, "`--use mailpit` adds one") {
		t.Errorf("it does not say how to add it:\n%s%s", r.stdout, r.stderr)
	}
	w.ok(append(init, "--use", "mailpit")...)
	if service := w.serviceOf(image, "mailpit@"+mailpitVersion); service != "mail" {
		t.Fatalf("the service is %q", service)
	}

	w.step("mails are on its page, at the port of the host")
	if r := w.ok("up", "--detach"); !strings.Contains(r.stderr, page) {
		t.Errorf("up does not say where it is:\n%s", r.stderr)
	}
	for _, way := range []string{"/url", "/parts", "/account"} {
		w.answers(url+way, "sent")
	}
	if got, want := w.subjects(page), []string{"grüße 🙂 by /account", "grüße 🙂 by /parts", "grüße 🙂 by /url"}; !slices.Equal(got, want) {
		t.Errorf("it has the mails %q, want %q", got, want)
	}
	w.answers(page, "<title>Mailpit</title>")
	if got := strings.TrimSpace(w.ok("url", "mail").stdout); got != page {
		t.Errorf("devbox url mail says %q, want %q", got, page)
	}
	for target, bindings := range w.container(w.name, "mail").HostConfig.PortBindings {
		if target.Num() != 8025 || len(bindings) != 1 || bindings[0].HostIP.String() != "127.0.0.1" {
			t.Errorf("%s is published as %v", target, bindings)
		}
	}

	w.step("its checks are quiet, it ends when it is stopped, and it keeps nothing")
	w.isQuiet("mail")
	w.endsInTime("mail")
	w.ok("down")
	w.ok("up", "--detach")
	w.answers(url, "server=mail")
	if got := w.subjects(page); len(got) != 0 {
		t.Errorf("a new one has the mails %q", got)
	}
	w.fails(2, "keeps data", "db", "reset", "mail", "--yes")
	w.ok("down", "--volumes")

	w.step("production has none, and says so until it has a server of its own")
	const left = "mail (mailpit) is for development only: production has no SMTP_HOST, SMTP_PORT, SMTP_URL"
	if r := w.ok("prod", "up"); !strings.Contains(r.stderr, left) {
		t.Errorf("it does not say %q:\n%s", left, r.stderr)
	}
	w.answers(url, "server=undefined")
	w.write(".env.production", "SMTP_HOST=smtp.example.com\n")
	w.replace("devbox.yaml", "    needs:", "    env-file: {prod: [.env.production]}\n    needs:")
	if r := w.ok("prod", "up"); strings.Contains(r.stderr, left) {
		t.Errorf("it still says %q:\n%s", left, r.stderr)
	}
	w.answers(url, "server=smtp.example.com")
	if list := w.containers(w.name + "-prod"); len(list) != 1 {
		t.Errorf("production has %d containers, want that of web alone", len(list))
	}
}
