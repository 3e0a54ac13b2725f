package store

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
)

// Break is one place where stored data contradict themselves: somebody has changed them outside the program, or the
// program has a defect.
type Break struct {
	Where string // chain 3, seq 17; award …; entry …
	What  string // what is wrong, in English, for the administrator
}

func (b Break) String() string { return b.Where + ": " + b.What }

// VerifyJournal walks all chains and reports the first break of each: an entry that was edited, dropped, put in or
// swapped, and a tail that was cut. trusted are keys by which checkpoints are signed; each checkpoint, wherever it is
// kept, must still lie on its chain.
func (db *DB) VerifyJournal(ctx context.Context, trusted []ed25519.PublicKey, checkpoints ...Checkpoint) ([]Break, error) {
	var out []Break
	err := db.Snapshot(ctx, func(t *Tx) error {
		out = nil
		stored, err := t.Checkpoints(ctx)
		if err != nil {
			return err
		}
		var marks [Chains]map[int64][]byte
		for i := range marks {
			marks[i] = map[int64][]byte{}
		}
		for _, c := range slices.Concat(stored, checkpoints) {
			if err := c.mark(trusted, &marks); err != nil {
				out = append(out, Break{"checkpoint of " + c.At.Format(time.RFC3339), err.Error()})
			}
		}
		heads, err := t.heads(ctx, selectHeads)
		if err != nil {
			return err
		}
		for chain := range Chains {
			b, err := t.verifyChain(ctx, chain, heads, marks[chain])
			if err != nil {
				return err
			}
			if b != nil {
				out = append(out, *b)
			}
		}
		return nil
	})
	return out, err
}

// verifyPage is how many entries of a chain are read at once.
const verifyPage = 2000

func (t *Tx) verifyChain(ctx context.Context, chain int, heads map[int]Head, marks map[int64][]byte) (*Break, error) {
	at := Head{Hash: []byte{0}}
	broken := func(seq int64, what string) *Break { return &Break{fmt.Sprintf("chain %d, seq %d", chain, seq), what} }
	for {
		page, err := list(ctx, t, (*journalEntry).cells, selectJournal+" where chain = $1 and seq > $2 order by seq limit $3",
			chain, at.Seq, verifyPage)
		if err != nil {
			return nil, err
		}
		for _, e := range page {
			if what := e.check(at); what != "" {
				return broken(e.Seq, what), nil
			}
			at = e.after(at)
			if mark, ok := marks[at.Seq]; ok && (at.pending != nil || !bytes.Equal(mark, at.Hash)) {
				return broken(at.Seq, "differs from a signed checkpoint"), nil
			}
			delete(marks, at.Seq)
		}
		if len(page) < verifyPage {
			break
		}
	}
	for seq := range marks {
		if seq > 0 {
			return broken(at.Seq, fmt.Sprintf("the tail is cut: a signed checkpoint knows entry %d", seq)), nil
		}
	}
	if head, ok := heads[chain]; !ok || at.pending != nil || head.Seq != at.Seq || !bytes.Equal(head.Hash, at.Hash) {
		return broken(at.Seq, "the chain does not end at its head"), nil
	}
	return nil, nil
}

// check tells what is wrong with an entry that should stand behind a head; "" is nothing.
func (e *journalEntry) check(former Head) string {
	if e.Seq != former.Seq+1 {
		return fmt.Sprintf("entries from %d are missing", former.Seq+1)
	}
	var err1, err2 error
	e.Before, err1 = canonical(e.Before)
	e.After, err2 = canonical(e.After)
	if err := errors.Join(err1, err2); err != nil {
		return "the data of the entry were changed: " + err.Error()
	}
	if e.chain != chainOf(&e.Event, e.rule) {
		return "the entry belongs to another chain"
	}
	if !bytes.Equal(e.sum(former), e.hash) {
		return "the entry was changed or does not follow the one before"
	}
	return ""
}

// Checkpoint is a signed statement of where all chains end. Kept outside the database it shows a tail that was cut and
// chains that were written anew.
type Checkpoint struct {
	ID        string
	At        time.Time
	Heads     map[int]Head
	Signature []byte
}

// Checkpoint signs the present ends of all chains and keeps the statement.
func (db *DB) Checkpoint(ctx context.Context, id string, key ed25519.PrivateKey) (Checkpoint, error) {
	var c Checkpoint
	err := db.Write(ctx, func(t *Tx) error {
		heads, err := t.heads(ctx, selectHeads)
		if err != nil {
			return err
		}
		c = Checkpoint{ID: id, At: t.now.UTC().Truncate(time.Microsecond), Heads: heads}
		c.Signature = ed25519.Sign(key, c.statement())
		text, err := json.Marshal(heads)
		if err != nil {
			return translate(err)
		}
		return t.exec(ctx, "insert into checkpoint (id, at, heads, signature) values ($1, $2, $3, $4)",
			id, c.At, string(text), c.Signature)
	})
	return c, err
}

// Checkpoints lists the signed statements, the oldest first.
func (t *Tx) Checkpoints(ctx context.Context) ([]Checkpoint, error) {
	rows, err := t.tx.Query(ctx, "select id::text, at, heads, signature from checkpoint order by at")
	if err != nil {
		return nil, translate(err)
	}
	out, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (c Checkpoint, err error) {
		return c, r.Scan(&c.ID, &c.At, object(&c.Heads, "{}"), &c.Signature)
	})
	return out, translate(err)
}

// statement is what is signed: encoding/json orders the chains.
func (c *Checkpoint) statement() []byte {
	heads, _ := json.Marshal(c.Heads) // numbers and bytes always encode
	return fmt.Appendf(nil, "mera journal checkpoint\n%s\n%s\n%s\n", c.ID, c.At.UTC().Format(time.RFC3339Nano), heads)
}

// mark adds the ends that the checkpoint knows, once its signature holds.
func (c *Checkpoint) mark(trusted []ed25519.PublicKey, marks *[Chains]map[int64][]byte) error {
	signed := func(k ed25519.PublicKey) bool { return ed25519.Verify(k, c.statement(), c.Signature) }
	if !slices.ContainsFunc(trusted, signed) {
		return errors.New("no trusted key has signed it")
	}
	for chain, h := range c.Heads {
		if chain < 0 || chain >= Chains {
			return fmt.Errorf("it knows a chain %d", chain)
		}
		if former, ok := marks[chain][h.Seq]; ok && !bytes.Equal(former, h.Hash) {
			return fmt.Errorf("it contradicts another checkpoint of chain %d", chain)
		}
		marks[chain][h.Seq] = h.Hash
	}
	return nil
}
