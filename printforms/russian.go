package printforms

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

//go:embed ru.yaml
var russianFile []byte

// russian is the message catalog: words and endings, read once from ru.yaml.
type russian struct {
	Numbers struct {
		Zero, Minus    string
		Ones           map[sex][]string
		Teens          []string
		Tens           []string
		Hundreds       []string
		Scales         []scale
		Rouble, Kopeck []string
	}
	Dates struct {
		Long, Month, Quarter, Year, Period, Since string
		Months, Of                                []string
	}
	Durations    map[string][]string // by unit: after 1, 2 and 5
	Law, Article string
	Names        struct {
		Sex struct {
			Patronymic, Surname, Name map[sex][]string
			Men, Women                []string
		}
		Tails                     []string
		Surname, Name, Patronymic map[sex][]endings
	}
}

// scale is a power of thousand: its sex and its words after 1, 2 and 5.
type scale struct {
	Sex   sex
	Words []string
}

type sex string

const (
	male   sex = "male"
	female sex = "female"
)

// endings is one row of a declension: what words it is for, how many letters go and what comes in each case.
type endings struct {
	Ends  []string
	Whole bool // the whole word, not its ending
	Cut   int
	Add   []string
}

func readRussian() (*russian, error) {
	var r russian
	if err := yaml.Unmarshal(russianFile, &r); err != nil {
		return nil, fmt.Errorf("words of print forms: %w", err)
	}
	for _, tables := range []map[sex][]endings{r.Names.Surname, r.Names.Name, r.Names.Patronymic} {
		for _, rows := range tables {
			for _, row := range rows {
				if len(row.Add) != 0 && len(row.Add) != len(cases) {
					return nil, fmt.Errorf("words of print forms: row %v has %d cases, %d are needed", row.Ends, len(row.Add), len(cases))
				}
			}
		}
	}
	return &r, nil
}

// fill puts values into the places {name} of a pattern.
func fill(pattern string, values map[string]string) string {
	pairs := make([]string, 0, 2*len(values))
	for k, v := range values {
		pairs = append(pairs, "{"+k+"}", v)
	}
	return strings.NewReplacer(pairs...).Replace(pattern)
}

// cases in the order of `add`.
var cases = []string{"genitive", "dative", "accusative", "instrumental", "prepositional"}

func caseNumber(name string) int { return slices.Index(cases, name) }
