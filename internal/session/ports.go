package session

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/devbox-node/devbox/internal/engine"
	"github.com/devbox-node/devbox/internal/project"
)

// portFree tries to listen where the engine will. Only a port that is in use
// counts as taken: what else is wrong with it, the engine may not mind.
func portFree(ctx context.Context, ip string, port int) bool {
	if port == 0 {
		return true
	}
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", net.JoinHostPort(ip, strconv.Itoa(port)))
	if err != nil {
		return !errors.Is(err, syscall.EADDRINUSE)
	}
	return l.Close() == nil
}

// publishedPorts lists the ports of the host that services publish.
func publishedPorts(p *project.Compose) []project.PublishedPort {
	var list []project.PublishedPort
	for _, name := range slices.Sorted(maps.Keys(p.Services)) {
		list = append(list, project.Published(p, name)...)
	}
	return list
}

// heldPorts are the ports of the host that running containers publish.
func heldPorts(containers []engine.Container) map[int]bool {
	held := map[int]bool{}
	for _, c := range containers {
		for _, port := range c.Ports {
			held[port.Host] = held[port.Host] || c.State == engine.Running
		}
	}
	return held
}

// checkPorts looks whether the ports that are to be published are free.
func (e *Environment) checkPorts(ctx context.Context, d Desired, p *project.Compose, containers []engine.Container) error {
	ours := heldPorts(containers)
	for _, port := range publishedPorts(p) {
		if !e.available(ctx, p.Name, port, ours) {
			return e.portTaken(ctx, d, port, nil)
		}
	}
	return nil
}

// available reports whether a project can publish a port; ours are those that it held
// when it was last looked at.
func (e *Environment) available(ctx context.Context, name string, port project.PublishedPort, ours map[int]bool) bool {
	return ours[port.Host] || portFree(ctx, port.HostIP, port.Host) || e.engineFinishes(ctx, name, port)
}

// finishing is how long the engine may take for what a killed devbox has begun.
const finishing = 2 * time.Second

// engineFinishes reports whether a port that is held is one of this project's own:
// the engine goes on starting or stopping a container for a devbox that was killed,
// and holds the port for it while it is not said to run. That is waited for, unless
// somebody else is known to hold the port.
func (e *Environment) engineFinishes(ctx context.Context, name string, port project.PublishedPort) bool {
	ctx, cancel := context.WithTimeout(ctx, finishing)
	defer cancel()
	for {
		now, err := e.ownContainers(ctx, name)
		if err != nil {
			return false
		}
		if heldPorts(now)[port.Host] || portFree(ctx, port.HostIP, port.Host) {
			return true
		}
		down := func(c engine.Container) bool { return c.Service == port.Service && c.State != engine.Running }
		if holder := e.portHolder(ctx, port.Host); !slices.ContainsFunc(now, down) || holder != "" && !strings.HasPrefix(holder, engineProxy) {
			return false
		}
		select {
		case <-ctx.Done():
			return false
		case <-time.After(finishing / 40):
		}
	}
}

// engineProxy is who holds a port for the engine; without root nobody is seen to.
const engineProxy = "process docker-proxy "

// namePortHolder makes the engine's word that a port is taken one that says by
// whom. It is the rare case: somebody took it between the check and the start.
func (e *Environment) namePortHolder(ctx context.Context, d Desired, p *project.Compose, err error) error {
	if !errors.Is(err, engine.ErrPortTaken) {
		return err
	}
	for _, port := range publishedPorts(p) {
		if !portFree(ctx, port.HostIP, port.Host) {
			return e.portTaken(ctx, d, port, err)
		}
	}
	return err
}

// portTaken says which port is taken, by whom as far as that can be known, and
// what to do.
func (e *Environment) portTaken(ctx context.Context, d Desired, port project.PublishedPort, cause error) error {
	variable, _ := d.Project.PortVarOf(port.Service, port.Host, d.Mode)
	holder, side := e.whoHolds(ctx, d, port.Host)
	err := &engine.Error{
		Kind: engine.ErrPortTaken, Op: fmt.Sprintf("start service %q", port.Service),
		Note:   fmt.Sprintf("%s:%d is held by %s", port.HostIP, port.Host, holder),
		Remedy: fmt.Sprintf("stop it, or use another port: set %s=%d, or `port:` in devbox.yaml", variable, nextFree(ctx, port)),
		Err:    cause,
	}
	if down := map[project.Mode]string{project.Dev: "devbox down", project.Prod: "devbox prod down"}[side]; down != "" {
		// `port` is that of both sides, so another one there would not tell them apart.
		err.Remedy = fmt.Sprintf("stop that one: `%s`; or run both: set %s=%d, or give development another port with `publish:` of the service in devbox.yaml",
			down, variable, nextFree(ctx, port))
	}
	return err
}

// whoHolds names who holds a port. The side is that of this very project, where
// that is who.
func (e *Environment) whoHolds(ctx context.Context, d Desired, port int) (holder string, side project.Mode) {
	list, err := e.Engine.Publishers(ctx, port)
	if err != nil || len(list) == 0 {
		return e.nameHolder(ctx, port), ""
	}
	switch list[0].Project {
	case d.Project.Name:
		return "this project's development environment, container " + list[0].Name, project.Dev
	case project.ProdName(d.Project.Name):
		return "this project's production, container " + list[0].Name, project.Prod
	}
	return e.nameHolder(ctx, port), ""
}

func nextFree(ctx context.Context, port project.PublishedPort) int {
	const tries = 50
	for p := port.Host + 1; p < port.Host+tries; p++ {
		if portFree(ctx, port.HostIP, p) {
			return p
		}
	}
	return port.Host + 1
}

// nameHolder names who holds a port, whoever it is.
func (e *Environment) nameHolder(ctx context.Context, port int) string {
	if holder := e.portHolder(ctx, port); holder != "" {
		return holder
	}
	return "another program"
}

// portHolder names who holds a port: a container, else a process.
func (e *Environment) portHolder(ctx context.Context, port int) string {
	if list, err := e.Engine.Publishers(ctx, port); err == nil && len(list) > 0 {
		c := list[0]
		if c.Project != "" {
			return fmt.Sprintf("container %s (project %s)", c.Name, c.Project)
		}
		return "container " + c.Name
	}
	return processOnPort(e.Procfs, port)
}

// processOnPort finds the process that listens on a port by the socket's inode.
// It sees other users' processes only as root; see proc_pid_net(5).
func processOnPort(procfs string, port int) string {
	inodes := map[string]bool{}
	for _, table := range []string{"net/tcp", "net/tcp6"} {
		listeningInodes(filepath.Join(procfs, "self", table), port, inodes)
	}
	if len(inodes) == 0 {
		return ""
	}
	links, _ := filepath.Glob(filepath.Join(procfs, "[0-9]*", "fd", "*"))
	for _, link := range links {
		target, err := os.Readlink(link)
		inode, ok := strings.CutPrefix(target, "socket:[")
		if err != nil || !ok || !inodes[strings.TrimSuffix(inode, "]")] {
			continue
		}
		dir := filepath.Dir(filepath.Dir(link))
		name, _ := os.ReadFile(filepath.Join(dir, "comm"))
		return fmt.Sprintf("process %s (pid %s)", strings.TrimSpace(string(name)), filepath.Base(dir))
	}
	return ""
}

func listeningInodes(table string, port int, into map[string]bool) {
	data, err := os.ReadFile(table)
	if err != nil {
		return
	}
	const (
		localField, stateField, inodeField = 1, 3, 9
		listen                             = "0A"
	)
	for s := bufio.NewScanner(bytes.NewReader(data)); s.Scan(); {
		f := strings.Fields(s.Text())
		if len(f) <= inodeField || f[stateField] != listen {
			continue
		}
		_, hex, _ := strings.Cut(f[localField], ":")
		if p, err := strconv.ParseInt(hex, 16, 32); err == nil && int(p) == port {
			into[f[inodeField]] = true
		}
	}
}
