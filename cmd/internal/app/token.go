package app

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// secretFile holds the secret of an embedded default: tokens and channels of that data folder are signed with it.
const secretFile = "secret"

// claims are what a token says. Expiry is in Unix seconds.
type claims struct {
	Subject string `json:"sub"`
	Expiry  int64  `json:"exp"`
}

// Token makes a bearer token for an actor, signed with the secret of a data folder.
func Token(dataDir, actor string, until time.Time) (string, error) {
	secret, err := os.ReadFile(filepath.Join(dataDir, secretFile))
	if err != nil {
		return "", fmt.Errorf("no server has run with --data %s: %w", dataDir, err)
	}
	return sign(secret, actor, until), nil
}

func sign(secret []byte, actor string, until time.Time) string {
	payload, _ := json.Marshal(claims{actor, until.Unix()}) // two plain fields always encode
	body := base64.RawURLEncoding.EncodeToString(payload)
	return body + "." + mac(secret, body)
}

// verify returns what a token says that we have signed.
func verify(secret []byte, token string) (c claims, err error) {
	body, signature, found := strings.Cut(token, ".")
	if !found || !hmac.Equal([]byte(signature), []byte(mac(secret, body))) {
		return c, errors.New("the token is not ours")
	}
	raw, err := base64.RawURLEncoding.DecodeString(body)
	if err != nil {
		return c, err
	}
	return c, json.Unmarshal(raw, &c)
}

// valid tells that a token is not over.
func (c claims) valid(now time.Time) error {
	if now.Unix() > c.Expiry {
		return errors.New("the token is over")
	}
	return nil
}

func mac(secret []byte, text string) string {
	h := hmac.New(sha256.New, secret)
	h.Write([]byte(text))
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil))
}

// secretOf reads the secret of a data folder, or makes one on the first start.
func secretOf(dataDir string) ([]byte, error) {
	path := filepath.Join(dataDir, secretFile)
	secret, err := os.ReadFile(path)
	if err == nil {
		return secret, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	raw := make([]byte, 32)
	if _, err := rand.Read(raw); err != nil {
		return nil, err
	}
	secret = []byte(hex.EncodeToString(raw))
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if _, err := f.Write(secret); err != nil {
		return nil, err
	}
	return secret, f.Sync()
}
