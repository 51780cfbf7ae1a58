/** The kind of page that an image report is, by which VS Code restores it. */
export const reportView = 'gantry.imageReport';
