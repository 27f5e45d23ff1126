// Where variables are in memory, in bytes. Memory begins as zeros; what the compiler places itself would be in the program, zeros too.

/** What the compiler places itself ends before this. */
export const firstPlace: usize = 0x1_0000

/** Where four bytes were seen last: 2 ^ 15 positions of four bytes each. */
export const seen: usize = firstPlace
/** Eight bytes for each match of a block. */
export const matches: usize = seen + 32768 * 4
export const mostMatches: u32 = 16384

/** One byte for each distance up to the window, and for each length up to the longest. */
export const codeOfDistance: usize = matches + 16384 * 8
export const codeOfLength: usize = codeOfDistance + 32772

/** Four bytes for each of the 286 symbols of literals and lengths, and of the 30 of distances. */
export const dataCounts: usize = codeOfLength + 260
export const distanceCounts: usize = dataCounts + 286 * 4
export const dataCodes: usize = distanceCounts + 30 * 4
export const distanceCodes: usize = dataCodes + 286 * 4
/** One byte for each of them. */
export const dataLengths: usize = distanceCodes + 30 * 4
export const distanceLengths: usize = dataLengths + 288
/** Eight bytes for each length up to the longest. */
export const lengthCodes: usize = distanceLengths + 32

/** The lengths of both codes, the items they are written as, and what goes with each item. */
export const allLengths: usize = lengthCodes + 259 * 8
export const items: usize = allLengths + 316
export const repeats: usize = items + 316
/** Of the 19 items. */
export const itemCounts: usize = repeats + 316
export const itemCodes: usize = itemCounts + 19 * 4
export const itemLengths: usize = itemCodes + 19 * 4

/** Four bytes for each of at most 288 symbols. */
export const nodes: usize = itemLengths + 20
export const symbols: usize = nodes + 288 * 4
/** Four bytes for each depth below 64, and for each length below 16. */
export const depthCounts: usize = symbols + 288 * 4
export const nextCode: usize = depthCounts + 64 * 4

export const lastPlace: usize = nextCode + 16 * 4
