package graph

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"mera/schema"
)

// spoken are the languages of a catalog, with those in which errors are worded; the first is that of definitions.
func spoken(cat *schema.Catalog) []string {
	out := cat.Languages()
	for _, l := range languages {
		if !slices.Contains(out, l) {
			out = append(out, l)
		}
	}
	return out
}

// language is the one in which a request is answered.
func (s *Server) language(r *http.Request) string {
	return s.preferred(r.Header.Get("Accept-Language"))
}

func (s *Server) preferred(wanted string) string {
	if wanted == "" {
		return languages[0]
	}
	if now := s.current.Load(); now != nil {
		return preferred(wanted, now.languages)
	}
	return preferred(wanted, languages)
}

// preferred is the language that an Accept-Language header wants most of those that are spoken; of several that it
// wants as much the first that it names; the first of ours where it names none.
func preferred(header string, spoken []string) string {
	best, weight := spoken[0], 0.0
	for part := range strings.SplitSeq(header, ",") {
		tag, params, _ := strings.Cut(strings.TrimSpace(part), ";")
		q := 1.0
		if text, given := strings.CutPrefix(strings.TrimSpace(params), "q="); given {
			var err error
			if q, err = strconv.ParseFloat(text, 64); err != nil {
				continue
			}
		}
		if q <= weight {
			continue
		}
		if lang := spokenAs(strings.TrimSpace(tag), spoken); lang != "" {
			best, weight = lang, q
		}
	}
	return best
}

// spokenAs is the language of ours that a tag means: itself, or the one of which it is the speech of a country.
func spokenAs(tag string, spoken []string) string {
	for tag != "" {
		for _, l := range spoken {
			if strings.EqualFold(tag, l) {
				return l
			}
		}
		tag = tag[:max(strings.LastIndexByte(tag, '-'), 0)]
	}
	return ""
}
