import { defineError } from '../../base/errors.ts'

export const databaseMissing = defineError({
  code: 'SW-ADVISORIES-MISSING',
  fault: 'input',
  title: 'There are no advisories to scan by.',
  causes: [
    'The folder is empty, or has neither `<Ecosystem>/all.zip` nor JSON files of OSV.',
    'The step that fetches the advisories has not run, or wrote elsewhere.',
    'The address of the archives has none of the ecosystems of the image.',
  ],
  fix: 'Fetch `https://osv-vulnerabilities.storage.googleapis.com/ECOSYSTEM/all.zip` into `FOLDER/ECOSYSTEM/all.zip` for each ecosystem of the image, and give `database: FOLDER`.',
})

export const advisoryInvalid = defineError({
  code: 'SW-ADVISORIES-INVALID',
  fault: 'input',
  title: 'An advisory cannot be read, and what it warns of would be missed.',
  causes: ['The database was cut while it was fetched.', 'The file is not one of the OSV schema.'],
  fix: 'Fetch the database again; the message names the file.',
})

export const serviceRefused = defineError({
  code: 'SW-ADVISORIES-SERVICE',
  fault: 'remote',
  title: 'The service of advisories does not answer as the API of OSV does.',
  causes: [
    'The address is not that of the API: it stands before `/v1/querybatch`.',
    'A proxy or a login page answers in its place.',
    'It leads to another address, which packages are not told to.',
  ],
  fix: 'Give `database: https://api.osv.dev`, or the address of archives with `{ecosystem}` in it.',
})

export const feedInvalid = defineError({
  code: 'SW-ADVISORIES-FEED',
  fault: 'input',
  title: 'A feed of EPSS or KEV cannot be read, and the gate could not decide by it.',
  causes: ['The file was cut while it was fetched.', 'A page that tells of an error was kept in its place.'],
  fix: 'Fetch `https://epss.empiricalsecurity.com/epss_scores-current.csv.gz` or `https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json` again.',
})

/** What a task that reads advisories may meet besides the errors of files, archives and requests. */
export const advisoryErrors = [databaseMissing, advisoryInvalid, serviceRefused, feedInvalid] as const
