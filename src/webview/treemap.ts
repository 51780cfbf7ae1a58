/** A rectangle in any unit. */
export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Sized {
  readonly bytes: number;
}

export interface Tile<Item> extends Rect {
  readonly item: Item;
}

/**
 * Fills a rectangle with one tile for each item, of an area in proportion to its bytes and as square as can be (squarified
 * treemap, Bruls, Huizing and van Wijk). Items come largest first; those without bytes get no tile.
 */
export function squarify<Item extends Sized>(items: readonly Item[], area: Rect): readonly Tile<Item>[] {
  const left = items.filter(({ bytes }) => bytes > 0);
  const total = left.reduce((sum, { bytes }) => sum + bytes, 0);
  const tiles: Tile<Item>[] = [];
  const scale = (area.width * area.height) / total;
  let rest = area;
  for (let at = 0; at < left.length;) {
    const side = Math.min(rest.width, rest.height);
    const row = nextRow(left, at, side, scale);
    rest = place(row, rest, scale, tiles);
    at += row.length;
  }
  return tiles;
}

/** As many of the next items as make the row's worst tile squarer. */
function nextRow<Item extends Sized>(
  items: readonly Item[],
  from: number,
  side: number,
  scale: number,
): readonly Item[] {
  const row: Item[] = [];
  let sum = 0;
  let worst = Infinity;
  for (const item of items.slice(from)) {
    const next = sum + item.bytes * scale;
    const largest = (row[0] ?? item).bytes * scale;
    const ratio = Math.max((side * side * largest) / (next * next), (next * next) / (side * side * item.bytes * scale));
    if (ratio > worst) break;
    row.push(item);
    sum = next;
    worst = ratio;
  }
  return row;
}

/** Lays a row along the shorter side; returns what is left of the area. */
function place<Item extends Sized>(row: readonly Item[], area: Rect, scale: number, tiles: Tile<Item>[]): Rect {
  const sum = row.reduce((total, { bytes }) => total + bytes * scale, 0);
  const wide = area.width >= area.height;
  const depth = sum / (wide ? area.height : area.width);
  let at = wide ? area.y : area.x;
  for (const item of row) {
    const length = (item.bytes * scale) / depth;
    tiles.push(
      wide
        ? { item, x: area.x, y: at, width: depth, height: length }
        : { item, x: at, y: area.y, width: length, height: depth },
    );
    at += length;
  }
  return wide
    ? { x: area.x + depth, y: area.y, width: area.width - depth, height: area.height }
    : { x: area.x, y: area.y + depth, width: area.width, height: area.height - depth };
}
