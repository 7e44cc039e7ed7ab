/** The version of the drawing of documents, apart from the renderer, which is loaded with the first document. */

/**
 * Change it with every change of the bytes, so that documents made before are not compared with new ones.
 */
export const TEMPLATE = 1;
