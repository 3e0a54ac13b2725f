package printforms

import (
	"html"
	"strings"
)

// pageHead is the frame of a page up to the text. The policy lets a browser run and load nothing; the styles are for
// paper first.
const pageHead = `<!DOCTYPE html>
<html lang="ru">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>{title}</title>
<style>
@page { size: {size}; margin: 20mm 15mm 20mm 30mm; @bottom-center { content: counter(page) " / " counter(pages); font: 9pt serif; } }
html { font: 12pt/1.4 "Liberation Serif", "PT Serif", "Times New Roman", serif; color: #000; background: #fff; }
body { margin: 0 auto; max-width: 165mm; overflow-wrap: break-word; }
h1 { font-size: 14pt; text-align: center; margin: 0 0 12pt; }
h2 { font-size: 12pt; margin: 12pt 0 6pt; }
p { margin: 0 0 6pt; text-align: justify; }
table { border-collapse: collapse; width: 100%; margin: 6pt 0; }
th, td { border: 0.5pt solid #000; padding: 2pt 4pt; text-align: left; vertical-align: top; }
thead { display: table-header-group; }
tr, h1, h2 { break-inside: avoid; }
h1, h2 { break-after: avoid; }
@media screen { body { padding: 15mm 10mm; } }
</style>
</head>
<body>
`

const pageTail = "\n</body>\n</html>\n"

// page puts the text of a print into a whole page.
func (t *Template) page(body string) string {
	return strings.NewReplacer("{title}", html.EscapeString(t.Title), "{size}", paperSize(t.Paper)).Replace(pageHead) + body + pageTail
}

// paperSize is the size in words of CSS; "" for a paper that there is not.
func paperSize(paper string) string {
	size, turn, turned := strings.Cut(paper, " ")
	switch size {
	case "A3", "A4", "A5":
	default:
		return ""
	}
	if turned && turn != "landscape" {
		return ""
	}
	return paper
}
