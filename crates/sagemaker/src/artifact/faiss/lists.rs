//! The inverted lists: `ilar`, `nlist` (u64), `code_size` (u64), the lists' sizes, then for each list that is not
//! empty its codes and its rows' numbers (i64).
//!
//! The sizes are dense or sparse, whichever is shorter: `full` and a vector of u64, or, where at most half of the lists
//! hold anything, `sprs` and a vector of pairs of list and size. `il00` instead of all this means that there are no
//! lists at all.

use super::{Cursor, FaissError, cursor};

/// A parsed list: row numbers below `ntotal`, and `code_size` bytes for each row.
#[derive(Debug, Default, Clone)]
pub(in super::super) struct List<'a> {
    pub(in super::super) ids: Vec<u32>,
    pub(in super::super) codes: &'a [u8],
}

impl List<'_> {
    /// Returns the rows, which are the codes of an `IVFFlat`.
    pub(in super::super) fn floats(&self) -> Vec<f32> {
        cursor::floats(self.codes)
    }
}

/// The codes of a list to write.
#[derive(Debug, Clone, Copy)]
pub(in super::super) enum Codes<'a> {
    Floats(&'a [f32]),
    Bytes(&'a [u8]),
}

/// Reads `n_lists` lists with `n_rows` rows in total. The caller has read as many centroids, so the count is plausible.
pub(super) fn read<'a>(
    n_lists: u32,
    n_rows: u32,
    code_size: u64,
    cursor: &mut Cursor<'a>,
) -> Result<Vec<List<'a>>, FaissError> {
    let letters = cursor.letters("the kind of inverted lists")?;
    if letters != *b"ilar" {
        return Err(FaissError::kind("inverted lists", letters, &["ilar"]));
    }
    let stated = cursor.u64("the inverted lists' nlist")?;
    if stated != u64::from(n_lists) {
        let expected = format!("{n_lists}, the index's nlist");
        return Err(FaissError::field("the inverted lists' nlist", stated, expected));
    }
    let stated = cursor.u64("the inverted lists' code_size")?;
    if stated != code_size {
        return Err(FaissError::field("the inverted lists' code_size", stated, code_size.to_string()));
    }
    let sizes = read_sizes(n_lists, n_rows, cursor)?;
    let mut lists = vec![List::default(); n_lists as usize];
    for (list_idx, size) in sizes {
        let codes = cursor.bytes("a list's codes", size, code_size)?;
        let ids = cursor.bytes("a list's ids", size, 8)?.as_chunks().0;
        let id = |&bytes: &[u8; 8]| {
            let id = i64::from_le_bytes(bytes);
            u32::try_from(id).ok().filter(|&id| id < n_rows).ok_or_else(|| {
                FaissError::field("a row's id", id, format!("at least 0 and below ntotal, which is {n_rows}"))
            })
        };
        lists[list_idx] = List { ids: ids.iter().map(id).collect::<Result<_, _>>()?, codes };
    }
    Ok(lists)
}

/// Returns the nonempty lists in ascending order with their number of rows, `n_rows` in total.
fn read_sizes(n_lists: u32, n_rows: u32, cursor: &mut Cursor<'_>) -> Result<Vec<(usize, u64)>, FaissError> {
    let letters = cursor.letters("the kind of list sizes")?;
    let is_sparse = match &letters {
        b"full" => false,
        b"sprs" => true,
        _ => return Err(FaissError::kind("list sizes", letters, &["full", "sprs"])),
    };
    let n_numbers = cursor.u64("the number of list sizes")?;
    let (is_right, expected) = if is_sparse {
        (
            n_numbers.is_multiple_of(2) && n_numbers / 2 <= u64::from(n_lists),
            format!("two for each list that holds rows, of {n_lists} lists"),
        )
    } else {
        (n_numbers == u64::from(n_lists), format!("{n_lists}, one for each list"))
    };
    if !is_right {
        return Err(FaissError::field("the number of list sizes", n_numbers, expected));
    }
    let numbers = cursor.bytes("the list sizes", n_numbers, 8)?.as_chunks().0;
    let numbers: Vec<u64> = numbers.iter().map(|&bytes| u64::from_le_bytes(bytes)).collect();
    let sizes: Vec<(u64, u64)> = if is_sparse {
        numbers.as_chunks().0.iter().map(|&[list_idx, size]| (list_idx, size)).collect()
    } else {
        (0..).zip(numbers).collect()
    };
    let mut least = 0;
    let mut sum = 0i128;
    for &(list_idx, size) in &sizes {
        // Ascending, as faiss writes them, which excludes duplicates.
        if list_idx < least || list_idx >= u64::from(n_lists) {
            let expected = format!("from {least} to {}", n_lists - 1);
            return Err(FaissError::field("a sized list's number", list_idx, expected));
        }
        least = list_idx + 1;
        sum += i128::from(size);
    }
    if sum != i128::from(n_rows) {
        return Err(FaissError::field("the sum of the list sizes", sum, format!("{n_rows}, the ntotal")));
    }
    Ok(sizes
        .into_iter()
        .filter(|&(_, size)| size > 0)
        .map(|(list_idx, size)| (list_idx as usize, size))
        .collect())
}

/// Writes lists in faiss's format.
pub(super) fn write(lists: &[(&[u32], Codes<'_>)], code_size: usize, out: &mut Vec<u8>) {
    let numbers = |numbers: &[usize], out: &mut Vec<u8>| {
        out.extend(numbers.iter().flat_map(|&number| (number as u64).to_le_bytes()));
    };
    out.extend(b"ilar");
    numbers(&[lists.len(), code_size], out);
    let dense: Vec<usize> = lists.iter().map(|(ids, _)| ids.len()).collect();
    let sparse: Vec<[usize; 2]> = dense
        .iter()
        .enumerate()
        .filter(|&(_, &size)| size > 0)
        .map(|(list_idx, &size)| [list_idx, size])
        .collect();
    let (letters, sizes) = if sparse.len() > lists.len() / 2 {
        (b"full", dense.as_slice())
    } else {
        (b"sprs", sparse.as_flattened())
    };
    out.extend(letters);
    numbers(&[sizes.len()], out);
    numbers(sizes, out);
    for (ids, codes) in lists {
        match codes {
            Codes::Floats(floats) => out.extend(floats.iter().flat_map(|value| value.to_le_bytes())),
            Codes::Bytes(bytes) => out.extend_from_slice(bytes),
        }
        out.extend(ids.iter().flat_map(|&id| i64::from(id).to_le_bytes()));
    }
}
