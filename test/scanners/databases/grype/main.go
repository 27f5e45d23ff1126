// Writes a database of grype, schema 6, from stdin: what grype's own writer makes of it.
package main

import (
	"encoding/json"
	"os"
	"time"

	v6 "github.com/anchore/grype/grype/db/v6"
	"github.com/spf13/afero"
)

type entry struct {
	ID, Provider, Ecosystem, Package, OS, Major, Codename string
	Aliases                                               []string
	Severity                                              string
	Vector                                                string
	Constraint, Type, Fixed, State                        string
}

func run() error {
	var entries []entry
	if err := json.NewDecoder(os.Stdin).Decode(&entries); err != nil {
		return err
	}
	db, err := v6.NewWriter(v6.Config{DBDirPath: os.Args[1]})
	if err != nil {
		return err
	}
	if err := db.SetDBMetadata(); err != nil {
		return err
	}
	at := time.Now()
	for _, one := range entries {
		provider := &v6.Provider{ID: one.Provider, Version: "1", Processor: "vunnel", DateCaptured: &at, InputDigest: "sha256:0"}
		severities := []v6.Severity{}
		if one.Severity != "" {
			severities = append(severities, v6.Severity{Scheme: v6.SeveritySchemeCHMLN, Value: one.Severity, Rank: 1})
		}
		if one.Vector != "" {
			severities = append(severities, v6.Severity{Scheme: v6.SeveritySchemeCVSS, Value: v6.CVSSSeverity{Vector: one.Vector, Version: "3.1"}, Source: "nvd@nist.gov", Rank: 2})
		}
		vulnerability := &v6.VulnerabilityHandle{
			Name: one.ID, Status: v6.VulnerabilityActive, Provider: provider, PublishedDate: &at, ModifiedDate: &at,
			BlobValue: &v6.VulnerabilityBlob{ID: one.ID, Description: one.ID + " in " + one.Package, Aliases: one.Aliases, Severities: severities},
		}
		if err := db.AddVulnerabilities(vulnerability); err != nil {
			return err
		}
		if one.Package == "" {
			continue
		}
		affected := &v6.AffectedPackageHandle{
			Vulnerability: vulnerability,
			Package:       &v6.Package{Ecosystem: one.Ecosystem, Name: one.Package},
			BlobValue: &v6.PackageBlob{
				CVEs:   one.Aliases,
				Ranges: []v6.Range{{Version: v6.Version{Type: one.Type, Constraint: one.Constraint}, Fix: &v6.Fix{Version: one.Fixed, State: v6.FixStatus(one.State)}}},
			},
		}
		if one.OS != "" {
			affected.OperatingSystem = &v6.OperatingSystem{Name: one.OS, ReleaseID: one.OS, MajorVersion: one.Major, Codename: one.Codename}
		}
		if err := db.AddAffectedPackages(affected); err != nil {
			return err
		}
	}
	if err := db.Close(); err != nil {
		return err
	}
	_, err = v6.WriteImportMetadata(afero.NewOsFs(), os.Args[1], "test")
	return err
}

func main() {
	if err := run(); err != nil {
		panic(err)
	}
}
