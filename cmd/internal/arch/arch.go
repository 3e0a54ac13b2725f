// Package arch holds the test that keeps imports going downward (make arch): every arrow between two packages of the
// module is a line of testdata/arrows.txt, so a new one is a line in a diff that somebody must defend.
package arch
