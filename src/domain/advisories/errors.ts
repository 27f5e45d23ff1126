import { defineError } from '../../base/errors.ts'

export const databaseMissing = defineError({
  code: 'SW-ADVISORIES-MISSING',
  fault: 'input',
  title: 'There are no advisories to scan by.',
  causes: [
    'The folder is empty, or has neither `<Ecosystem>/all.zip` nor JSON files of OSV.',
    'The step that fetches the advisories has not run, or wrote elsewhere.',
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

/** What a task that reads advisories may meet besides the errors of files and archives. */
export const advisoryErrors = [databaseMissing, advisoryInvalid] as const
