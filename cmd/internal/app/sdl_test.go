package app_test

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// judge is what a client's tools do with a schema: graphql-js reads and validates the text, builds the same schema from
// the introspection that GraphiQL asks for, and validates a query against it.
const judge = `
const fs = require('fs'), g = require('graphql');
const options = {descriptions: true, specifiedByUrl: true, directiveIsRepeatable: true, schemaDescription: true, inputValueDeprecation: true};
if (process.argv[2] === 'query') { process.stdout.write(g.getIntrospectionQuery(options)); process.exit(0); }
const text = fs.readFileSync('schema.graphql', 'utf8');
const schema = g.buildSchema(text);
const faults = g.validateSchema(schema).map(e => e.message);
const answer = JSON.parse(fs.readFileSync('introspection.json', 'utf8'));
if (answer.errors) faults.push(JSON.stringify(answer.errors));
const same = s => g.printSchema(g.lexicographicSortSchema(s));
const asked = g.buildClientSchema(answer.data);
faults.push(...g.validateSchema(asked).map(e => 'introspected: ' + e.message));
const a = same(schema).split('\n'), b = same(asked).split('\n');
for (let i = 0; i < Math.max(a.length, b.length); i++) if (a[i] !== b[i]) { faults.push('line ' + i + ': ' + a[i] + ' <> ' + b[i]); break; }
faults.push(...g.validate(schema, g.parse(fs.readFileSync('query.graphql', 'utf8'))).map(e => 'query: ' + e.message));
console.log(faults.length === 0 ? 'sound ' + Object.keys(schema.getTypeMap()).length : faults.join('\n'));
`

// The schema that is served is sound for the reference implementation, and introspection tells the same.
func TestTheServedSchemaIsSound(t *testing.T) {
	t.Parallel()
	dir := install(t, "graphql@16")
	s := start(t)
	write := func(name string, content []byte) {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	node := func(args ...string) string {
		t.Helper()
		cmd := exec.Command("node", append([]string{"judge.js"}, args...)...)
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("node: %v\n%s", err, out)
		}
		return string(out)
	}
	write("judge.js", []byte(judge))
	write("query.graphql", []byte(card))
	write("schema.graphql", s.get("/schema.graphql"))
	body, err := json.Marshal(map[string]any{"query": node("query"), "operationName": "IntrospectionQuery"})
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.Post(s.app.URL()+"/graphql", "application/json", strings.NewReader(string(body)))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("introspection: %v %s %.300s", err, res.Status, answer)
	}
	write("introspection.json", answer)
	if out := node(); !strings.HasPrefix(out, "sound ") {
		t.Error(out)
	}
}

// The page to try queries on is there in development, asks the address that is served, and needs nothing from elsewhere.
func TestGraphiQL(t *testing.T) {
	t.Parallel()
	s := start(t)
	page := string(s.get("/graphiql"))
	if !strings.Contains(page, "'/graphql'") || !strings.Contains(page, "GraphiQL") {
		t.Errorf("%.500s", page)
	}
	for _, foreign := range []string{"http://", "https://", "src=", "@import", "<link"} {
		if strings.Contains(page, foreign) {
			t.Errorf("the page has %s in it", foreign)
		}
	}
}

// get is a page of the server.
func (s *stage) get(path string) []byte {
	s.t.Helper()
	res, err := http.Get(s.app.URL() + path)
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		s.t.Fatalf("%s: %v %s %.300s", path, err, res.Status, raw)
	}
	return raw
}
