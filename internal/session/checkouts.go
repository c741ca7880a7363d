package session

import (
	"context"
	"slices"
	"strings"

	"github.com/devbox-node/devbox/internal/checkout"
	"github.com/devbox-node/devbox/internal/engine"
	"github.com/devbox-node/devbox/internal/project"
)

// CheckoutStatus is one checkout that the engine knows. Its JSON form is an
// element of `checkouts ls --json`.
type CheckoutStatus struct {
	checkout.Checkout
	// Gone says that its folder is no project any more: it was removed, or moved
	// without having been started since.
	Gone bool `json:"gone"`
	// Unknown says that the folder that it was in is missing too, so that nobody can
	// tell: its disk may not be mounted.
	Unknown bool `json:"unknown"`
	// Running is how many of its containers run, those of production included.
	Running int `json:"running"`
	// Data are its volumes beside those with packages and those with what tools make
	// from the source.
	Data []string `json:"data"`
	// Snapshots are the names of those of its data.
	Snapshots []string `json:"snapshots"`
}

// Checkouts lists the checkouts of a project that the engine knows, or of every
// project where name is empty. It writes nothing.
func Checkouts(ctx context.Context, e Engine, name string) ([]CheckoutStatus, error) {
	claims, err := (&Environment{Engine: e}).claims(ctx, "")
	if err != nil {
		return nil, err
	}
	list := []CheckoutStatus{}
	for _, c := range claims {
		if name != "" && c.Project != name {
			continue
		}
		st := CheckoutStatus{Checkout: c, Gone: isGone(c.Dir), Data: []string{}, Snapshots: []string{}}
		st.Unknown = !st.Gone && !isProject(c.Dir)
		for _, part := range sidesOf(c.Name) {
			if err := st.look(ctx, e, part); err != nil {
				return nil, err
			}
		}
		snapshots, err := (&Environment{Engine: e}).Snapshots(ctx, c.Name)
		if err != nil {
			return nil, err
		}
		for _, s := range snapshots {
			st.Snapshots = append(st.Snapshots, s.Name)
		}
		list = append(list, st)
	}
	slices.SortFunc(list, func(a, b CheckoutStatus) int { return strings.Compare(a.Name, b.Name) })
	return list, nil
}

// sidesOf are the Compose projects of a checkout.
func sidesOf(name string) []string { return []string{name, project.ProdName(name)} }

// look takes in what there is of a Compose project.
func (s *CheckoutStatus) look(ctx context.Context, e Engine, name string) error {
	containers, err := e.Containers(ctx, name)
	if err != nil {
		return err
	}
	for _, c := range containers {
		if c.State == engine.Running {
			s.Running++
		}
	}
	there, err := e.Volumes(ctx, engine.LabelComposeProject+"="+name)
	for _, v := range there {
		if v.Labels[project.LabelWrites] == project.WritesOutput {
			continue // it can be made anew
		}
		s.Data = append(s.Data, v.Name)
	}
	return err
}

// PruneCheckouts removes what checkouts whose folders are gone have left:
// containers and networks, and with data their volumes and snapshots too. It
// returns those checkouts; one whose data stays is still known afterwards. May,
// where it is set, is asked before anything is removed; its error ends it.
func PruneCheckouts(ctx context.Context, e Engine, name string, data bool, may func([]CheckoutStatus) error) ([]CheckoutStatus, error) {
	list, err := Checkouts(ctx, e, name)
	if err != nil {
		return nil, err
	}
	list = slices.DeleteFunc(list, func(c CheckoutStatus) bool { return !c.Gone })
	if may != nil {
		if err := may(list); err != nil {
			return nil, err
		}
	}
	for _, c := range list {
		for _, side := range sidesOf(c.Name) {
			if err := e.Down(ctx, side, nil, data, func(engine.Progress) {}); err != nil {
				return nil, err
			}
			if err := removeOutput(ctx, e, side); err != nil {
				return nil, err
			}
		}
		if !data && len(c.Data)+len(c.Snapshots) > 0 {
			continue
		}
		if err := removeData(ctx, e, c.Name); err != nil {
			return nil, err
		}
		if err := e.RemoveVolume(ctx, claimVolume(c.Name)); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// removeData removes what is about a checkout's data: snapshots, and notes.
func removeData(ctx context.Context, e Engine, name string) error {
	list, err := e.Volumes(ctx, engine.LabelData+"="+name)
	if err != nil {
		return err
	}
	for _, v := range list {
		if err := e.RemoveVolume(ctx, v.Name); err != nil {
			return err
		}
	}
	env := &Environment{Engine: e}
	for _, side := range sidesOf(name) {
		if err := env.forgetData(ctx, side); err != nil {
			return err
		}
	}
	return nil
}
