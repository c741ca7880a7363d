package term

import "testing"

func TestTextIsMeasuredInCells(t *testing.T) {
	tests := []struct {
		name, text string
		want       int
	}{
		{"ASCII", "web", 3},
		{"umlauts", "Zürich", 6},
		{"a combining mark takes none", "Zu\u0308rich", 6},
		{"wide characters", "日本", 4},
		{"an emoji of several characters", "👩‍💻", 2},
		{"nothing", "", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Width(tt.text); got != tt.want {
				t.Errorf("got %d, want %d", got, tt.want)
			}
			sum := 0
			for _, w := range Clusters(tt.text) {
				sum += w
			}
			if sum != tt.want {
				t.Errorf("its characters take %d", sum)
			}
			if got := Width(Pad(tt.text, 10)); got != 10 {
				t.Errorf("padded to %d", got)
			}
		})
	}
}

func TestTextIsCutToAWidth(t *testing.T) {
	tests := []struct {
		name, text  string
		width       int
		right, left string
	}{
		{"what fits stays", "abc", 3, "abc", "abc"},
		{"the mark belongs to the width", "abcdef", 4, "abc…", "…def"},
		{"a wide character is not cut in two", "日本語", 4, "日…", "…語"},
		{"no room at all", "abc", 0, "…", "…"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Cut(tt.text, tt.width, "…"); got != tt.right {
				t.Errorf("got %q, want %q", got, tt.right)
			}
			if got := CutLeft(tt.text, tt.width, "…"); got != tt.left {
				t.Errorf("from the left: got %q, want %q", got, tt.left)
			}
		})
	}
}
