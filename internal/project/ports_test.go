package project

import (
	"reflect"
	"slices"
	"testing"
)

func TestFixedPortsOfBackingServicesGoByVariables(t *testing.T) {
	for _, test := range []struct {
		name    string
		backing Backing
		want    []any
		vars    []string
	}{
		{
			"a port", Backing{Name: "db", Compose: map[string]any{"ports": []any{"5432:5432"}}},
			[]any{map[string]any{"published": "${DEVBOX_DB_PORT:-5432}", "target": 5432}}, []string{"DEVBOX_DB_PORT"},
		},
		{
			"an address and a protocol", Backing{Name: "dns", Compose: map[string]any{"ports": []any{"127.0.0.1:5300:53/udp"}}},
			[]any{map[string]any{"published": "${DEVBOX_DNS_PORT:-5300}", "target": 53, "host_ip": "127.0.0.1", "protocol": "udp"}}, []string{"DEVBOX_DNS_PORT"},
		},
		{
			"several ports in both forms",
			Backing{Name: "s3", Compose: map[string]any{"ports": []any{"9000:9000", map[string]any{"target": 9001, "published": 9001, "mode": "host"}}}},
			[]any{
				map[string]any{"published": "${DEVBOX_S3_PORT:-9000}", "target": 9000},
				map[string]any{"published": "${DEVBOX_S3_PORT_2:-9001}", "target": 9001, "mode": "host"},
			},
			[]string{"DEVBOX_S3_PORT", "DEVBOX_S3_PORT_2"},
		},
		{
			"one beside the published one", Backing{Name: "db", Use: "postgres", Publish: 5432, Compose: map[string]any{"ports": []any{"6000:6000"}}},
			[]any{map[string]any{"published": "${DEVBOX_DB_PORT_2:-6000}", "target": 6000}}, []string{"DEVBOX_DB_PORT", "DEVBOX_DB_PORT_2"},
		},
		{
			"what is not fixed, and ranges", Backing{Name: "db", Compose: map[string]any{"ports": []any{"5432", 5433, "${PORT:-1}:1", "3000-3001:3000-3001"}}},
			[]any{"5432", 5433, "${PORT:-1}:1", "3000-3001:3000-3001"}, nil,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			both, _ := test.backing.withPortVariables(Dev)
			if !reflect.DeepEqual(both["ports"], test.want) {
				t.Errorf("ports are %#v, want %#v", both["ports"], test.want)
			}
			m := Model{Backing: []Backing{test.backing}}
			if got := m.PortVars(); !slices.Equal(got, test.vars) {
				t.Errorf("variables are %v, want %v", got, test.vars)
			}
			if prod, _ := test.backing.withPortVariables(Prod); !reflect.DeepEqual(prod, test.backing.Compose) {
				t.Errorf("in production it is %v", prod)
			}
		})
	}
}
