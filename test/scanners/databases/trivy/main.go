// Writes a bbolt database: what stdin has as JSON, objects as buckets and `{"": value}` as a JSON value.
package main

import (
	"encoding/json"
	"os"

	bolt "go.etcd.io/bbolt"
)

type node = map[string]json.RawMessage

func fill(bucket *bolt.Bucket, entries node) error {
	for name, raw := range entries {
		var inner node
		if err := json.Unmarshal(raw, &inner); err != nil {
			return err
		}
		if value, isLeaf := inner[""]; isLeaf {
			if err := bucket.Put([]byte(name), value); err != nil {
				return err
			}
			continue
		}
		next, err := bucket.CreateBucketIfNotExists([]byte(name))
		if err != nil {
			return err
		}
		if err := fill(next, inner); err != nil {
			return err
		}
	}
	return nil
}

func run() error {
	var roots map[string]node
	if err := json.NewDecoder(os.Stdin).Decode(&roots); err != nil {
		return err
	}
	db, err := bolt.Open(os.Args[1], 0o600, nil)
	if err != nil {
		return err
	}
	defer db.Close()
	return db.Update(func(tx *bolt.Tx) error {
		for name, entries := range roots {
			bucket, err := tx.CreateBucketIfNotExists([]byte(name))
			if err != nil {
				return err
			}
			if err := fill(bucket, entries); err != nil {
				return err
			}
		}
		return nil
	})
}

func main() {
	if err := run(); err != nil {
		panic(err)
	}
}
