/** What an error says that comes before anything is written. */
export const safe = 'nothing was written'
