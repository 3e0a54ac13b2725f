package store

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// data draws what a record may hold, with texts that JSON writes in another way.
func data() *rapid.Generator[map[string]any] {
	texts := rapid.OneOf(rapid.StringN(0, 6, -1), rapid.SampledFrom([]string{
		"", "а б", `"`, `\`, "<&>", "\n\t\b\f\r", "\x01\x1f\x7f", "\u2028\u2029", "\u2027\u202a", "\xff", "a\xe2\x80", "\U0001F600", `\u0041`,
	}))
	numbers := rapid.SampledFrom([]json.Number{"0", "-0", "-0.0", "1.50", "12", "-7", "9007199254740993", "0.001"})
	var value func(depth int) *rapid.Generator[any]
	value = func(depth int) *rapid.Generator[any] {
		kinds := []*rapid.Generator[any]{texts.AsAny(), numbers.AsAny(), rapid.Bool().AsAny(), rapid.Just[any](nil)}
		if depth < 3 {
			below := rapid.Deferred(func() *rapid.Generator[any] { return value(depth + 1) })
			kinds = append(kinds, rapid.SliceOfN(below, 0, 3).AsAny(), rapid.MapOfN(texts, below, 0, 4).AsAny())
		}
		return rapid.OneOf(kinds...)
	}
	return rapid.MapOfN(texts, value(0), 0, 6)
}

// What is written in its form at once is what the JSON of it becomes, so that hashes of both are the same.
func TestFormIsCanonical(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		v := data().Draw(t, "data")
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		want, err1 := canonical(text)
		got, err2 := form(v)
		if (err1 == nil) != (err2 == nil) || string(want) != string(got) {
			t.Errorf("want %s %v\n got %s %v", want, err1, got, err2)
		}
	})
}

func TestFormRefuses(t *testing.T) {
	t.Parallel()
	for _, v := range []any{json.Number("1e5"), json.Number("x"), "a\x00b", map[string]any{"\x00": true}, func() {}} {
		if b, err := form(map[string]any{"v": v}); err == nil {
			t.Errorf("%v became %s", v, b)
		}
	}
	for _, v := range []any{int64(7), []string{"b", "a"}, map[string]string{"b": "1", "a": "<"}, struct{ B, A int }{1, 2}} {
		text, err := json.Marshal(map[string]any{"v": v})
		if err != nil {
			t.Fatal(err)
		}
		want, err1 := canonical(text)
		got, err2 := form(map[string]any{"v": v})
		if err1 != nil || err2 != nil || string(want) != string(got) {
			t.Errorf("%v: want %s %v, got %s %v", v, want, err1, got, err2)
		}
	}
}

// The parser of data reads what encoding/json reads, written with spaces or without.
func TestDataAreReadAlike(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		v := data().Draw(t, "data")
		text, err := json.Marshal(v)
		if rapid.Bool().Draw(t, "spaced") {
			text, err = json.MarshalIndent(v, " ", " ")
		}
		if err != nil {
			t.Fatal(err)
		}
		sameReading(t, text)
	})
}

func FuzzDataAreReadAlike(f *testing.F) {
	for _, text := range []string{
		`{}`, `{"a": 1, "b": [true, null, "x\u0041"]}`, `{"a":}`, `{"a":1,}`, `{"a":01}`, `{"a":1}x`, `{"a":"` + "\n" + `"}`, `[1]`, `{"a":{"a":2},"a":3}`, `{"a":tru}`, `{,}`,
		`{"a" 1}`, `{"a":[1,]}`, `{"a":[,1]}`, `{"a":"\q"}`, `{"a":"\`, `{"a`, ``, `{"a":-}`, "{\"a\":\"\xff\"}",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) { sameReading(t, []byte(text)) })
}

func sameReading(t interface {
	Helper()
	Errorf(string, ...any)
}, text []byte) {
	t.Helper()
	p := parser{text: string(text)}
	got, err := p.whole()
	if err != nil {
		return // encoding/json has the word
	}
	var slow any
	if err := decode(text, &slow); err != nil {
		t.Errorf("%q is read as %v and is none: %v", text, got, err)
		return
	}
	if d := cmp.Diff(slow, any(got)); d != "" {
		t.Errorf("%q (-encoding/json +ours):\n%s", text, d)
	}
}
