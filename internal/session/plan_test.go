package session

import (
	"testing"

	"github.com/devbox-node/devbox/internal/engine"
	"github.com/devbox-node/devbox/internal/project"
	"github.com/devbox-node/devbox/internal/volumes"
)

func TestThePlanIsWhatIsMissing(t *testing.T) {
	compose := &project.Compose{Services: map[string]project.ComposeService{"web": {Name: "web"}, "db": {Name: "db"}}}
	desired := Desired{
		Compose: compose,
		Images: []Image{
			{BuildSpec: engine.BuildSpec{Image: "shop-web:dev", Target: "dev"}, Inputs: "1", Services: []string{"web"}},
			{BuildSpec: engine.BuildSpec{Image: "shop-own:dev", Target: "own"}, Services: []string{"own"}},
		},
		Volumes: []volumes.Wanted{{Name: "shop_web_abc", Service: "web", Image: "shop-web:dev"}},
	}
	built := map[string]string{"shop-web:dev": "1", "shop-own:dev": ""}
	filled := map[string]volumes.Observed{"shop_web_abc": {Complete: true}}
	tests := []struct {
		name     string
		observed Observed
		opts     PlanOptions
		want     string
	}{
		{
			"nothing is there",
			Observed{},
			PlanOptions{Start: true},
			"build image shop-web:dev, target dev, for web\nbuild image shop-own:dev, target own, for own\n" +
				"create and fill volume shop_web_abc for web by an install in shop-web:dev\nstart db, web\n",
		},
		{
			"an image whose inputs nobody knows is built each time",
			Observed{Built: built, Volumes: filled},
			PlanOptions{},
			"build image shop-own:dev, target own, for own\n",
		},
		{
			"other inputs",
			Observed{Built: map[string]string{"shop-web:dev": "0"}, Volumes: filled},
			PlanOptions{},
			"build image shop-web:dev, target dev, for web\nbuild image shop-own:dev, target own, for own\n",
		},
		{
			"an install that was cut short",
			Observed{Built: built, Volumes: map[string]volumes.Observed{"shop_web_abc": {}}},
			PlanOptions{},
			"build image shop-own:dev, target own, for own\nremove, create and fill volume shop_web_abc for web by an install in shop-web:dev\n",
		},
		{
			"a one-off that nobody waits for any more",
			Observed{Built: built, Volumes: filled, Orphans: []engine.Container{{Name: "shop-web-run-1"}}},
			PlanOptions{Rebuild: true},
			"remove one-off container shop-web-run-1, its devbox has ended\n" +
				"build image shop-web:dev, target dev, for web\nbuild image shop-own:dev, target own, for own\n",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := MakePlan(desired, test.observed, test.opts).String(); got != test.want {
				t.Errorf("got\n%swant\n%s", got, test.want)
			}
		})
	}
	known := desired
	known.Images = desired.Images[:1]
	if got := MakePlan(known, Observed{Built: built, Volumes: filled}, PlanOptions{}).String(); got != "nothing to do\n" {
		t.Errorf("where all is there: %s", got)
	}
}
