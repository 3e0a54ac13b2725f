package schema

import "encoding/json"

type lawJSON struct {
	Act     string `json:"act,omitempty"`
	Article string `json:"article,omitempty"`
}

// MarshalJSON keeps what a decision cites, {"act": …, "article": …}, and drops the places in the file.
func (l Law) MarshalJSON() ([]byte, error) {
	return json.Marshal(lawJSON{l.Act.Text, l.Article.Text})
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (l *Law) UnmarshalJSON(data []byte) error {
	var j lawJSON
	if err := json.Unmarshal(data, &j); err != nil {
		return err
	}
	*l = Law{Act: Scalar{Text: j.Act}, Article: Scalar{Text: j.Article}}
	return nil
}
