package main

import (
	"fmt"
	"os"
	"path/filepath"
	"time"
)

const (
	sourceFiles, sourceFolders = 2000, 200
	packageFiles, perPackage   = 200000, 100
	// startTime is what a start takes that goes on after it is ready: content that
	// was not read yet.
	startTime, idleTime = 5 * time.Second, 20 * time.Second
)

// sourceTree makes a project of so many source files, and returns its folder.
func (b *bench) sourceTree() (string, error) {
	root := filepath.Join(b.dir, "tree")
	if _, err := os.Stat(root); err == nil {
		return root, nil
	}
	content := make([]byte, 2000)
	for i := range content {
		content[i] = byte('a' + i%26)
	}
	for i := range sourceFiles {
		dir := filepath.Join(root, "src", fmt.Sprintf("part%d", i%20), fmt.Sprintf("folder%d", i%sourceFolders))
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return "", err
		}
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("file%d.js", i)), content, 0o644); err != nil {
			return "", err
		}
	}
	return root, nil
}

// addPackages makes a large node_modules.
func addPackages(root string) error {
	for i := range packageFiles / perPackage {
		for j := range perPackage {
			dir := filepath.Join(root, "node_modules", fmt.Sprintf("package%d", i), fmt.Sprintf("lib%d", j%10))
			if j < 10 {
				if err := os.MkdirAll(dir, 0o755); err != nil {
					return err
				}
			}
			if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%d.js", j)), []byte("module.exports = 1;\n"), 0o644); err != nil {
				return err
			}
		}
	}
	return nil
}

// watcher measures what watching a large project costs.
func (b *bench) watcher() error {
	root, err := b.sourceTree()
	if err != nil {
		return err
	}
	if err := addPackages(root); err != nil {
		return err
	}
	var ready series
	var last *watchHelper
	for i := range b.rounds {
		if last, err = startHelper(root); err != nil {
			return err
		}
		ready.add(last.ready.Ready)
		if i < b.rounds-1 {
			if err := last.stop(); err != nil {
				return err
			}
		}
	}
	time.Sleep(startTime)
	before, err := last.cpu()
	if err != nil {
		return err
	}
	began := time.Now()
	time.Sleep(idleTime)
	after, err := last.cpu()
	if err != nil {
		return err
	}
	idle := 100 * float64(after-before) / float64(time.Since(began))
	status := last.ready.Status
	fmt.Fprintf(b.out, "%d files and %d folders of source, %d files in node_modules, %d starts\n", status.Files, status.Dirs, packageFiles, b.rounds)
	fmt.Fprintf(b.out, "ready: median %d ms, p95 %d ms\n", ready.at(middle).Milliseconds(), ready.at(high).Milliseconds())
	fmt.Fprintf(b.out, "watches: %d (the kernel counts %d)\n", status.Watches, last.kernelWatches())
	fmt.Fprintf(b.out, "memory of a process that does nothing else: %s\n", last.memory())
	fmt.Fprintf(b.out, "CPU while nothing happens, over %s: %.3f %%\n", idleTime, idle)
	return last.stop()
}
