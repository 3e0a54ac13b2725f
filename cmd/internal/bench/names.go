package bench

import (
	"bytes"
	"embed"
	"encoding/csv"
	"fmt"
	"io/fs"
	"strings"
)

// region is the package that is loaded and the words of the data: names, streets, territories.
//
//go:embed region
var region embed.FS

// name is a first name with the two patronymics that its sons and daughters bear.
type name struct{ first, son, daughter string }

// words are what people and papers are called.
type words struct {
	male, female []name
	stems        []string
	infixes      []string
	endings      [][2]string // of a man's surname, of a woman's
	lists        map[string][]string
	territories  []territory // districts, each before its parts
}

// territory is an item of the classifier Territory.
type territory struct{ code, title, parent string }

func readWords() (*words, error) {
	w := &words{lists: map[string][]string{}}
	rows, err := readCSV("region/data/names.csv")
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		switch kind := r[0]; {
		case kind == "male" && len(r) == 4:
			w.male = append(w.male, name{r[1], r[2], r[3]})
		case kind == "female":
			w.female = append(w.female, name{first: r[1]})
		case kind == "stem":
			w.stems = append(w.stems, r[1])
		case kind == "infix":
			w.infixes = append(w.infixes, r[1])
		case kind == "ending" && len(r) == 3:
			w.endings = append(w.endings, [2]string{r[1], r[2]})
		case len(r) == 2:
			w.lists[kind] = append(w.lists[kind], r[1])
		default:
			return nil, fmt.Errorf("names.csv: %v is no %s", r, kind)
		}
	}
	rows, err = readCSV("region/data/territories.csv")
	for _, r := range rows {
		w.territories = append(w.territories, territory{r[0], r[1], r[2]})
	}
	return w, err
}

func readCSV(path string) ([][]string, error) {
	b, err := fs.ReadFile(region, path)
	if err != nil {
		return nil, err
	}
	r := csv.NewReader(bytes.NewReader(b))
	r.FieldsPerRecord = -1
	return r.ReadAll()
}

// surnames is how many there are.
func (w *words) surnames() int { return len(w.stems) * len(w.infixes) * len(w.endings) }

// surname is the surname of a rank: the plain ones of all stems come first.
func (w *words) surname(rank int, woman bool) string {
	stem := w.stems[rank%len(w.stems)]
	rank /= len(w.stems)
	end := w.endings[rank%len(w.endings)]
	infix := w.infixes[rank/len(w.endings)]
	if woman {
		return stem + infix + end[1]
	}
	return stem + infix + end[0]
}

// join leaves out what is empty, as words() of the expression language does.
func join(parts ...string) string { return strings.Join(strings.Fields(strings.Join(parts, " ")), " ") }
