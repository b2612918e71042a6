//! The inverted lists: `ilar`, `nlist` (u64), `code_size` (u64), the lists' sizes, then for each list that is not
//! empty its codes and its rows' numbers (i64).
//!
//! The sizes are dense or sparse, whichever is shorter: `full` and a vector of u64, or, where at most half of the lists
//! hold anything, `sprs` and a vector of pairs of list and size. `il00` instead of all this means that there are no
//! lists at all.

use mysfits_knn::InvertedList;

use super::{Cursor, FaissError};

/// Reads `n_lists` lists with `n_rows` rows in total, whose numbers are below `n_rows`. `values` converts the codes of a list.
/// The caller has read as many centroids, so the count is plausible.
pub(super) fn read<T: Clone + Default>(
    n_lists: u32,
    n_rows: u32,
    code_size: u64,
    cursor: &mut Cursor<'_>,
    values: impl Fn(&[u8]) -> Vec<T>,
) -> Result<Vec<InvertedList<T>>, FaissError> {
    let letters = cursor.letters("the kind of inverted lists")?;
    if letters != *b"ilar" {
        return Err(FaissError::kind("inverted lists", letters, &["ilar"]));
    }
    let stated = cursor.u64("the inverted lists' nlist")?;
    let expected = format_args!("{n_lists}, the index's nlist");
    FaissError::check(stated == u64::from(n_lists), "the inverted lists' nlist", stated, expected)?;
    let stated = cursor.u64("the inverted lists' code_size")?;
    FaissError::check(stated == code_size, "the inverted lists' code_size", stated, code_size)?;
    let sizes = read_sizes(n_lists, n_rows, cursor)?;
    let mut lists = vec![InvertedList::default(); n_lists as usize];
    for (list_idx, size) in sizes {
        let codes = cursor.bytes("a list's codes", size, code_size)?;
        let ids = cursor.bytes("a list's ids", size, 8)?.as_chunks().0;
        let id = |&bytes: &[u8; 8]| {
            let id = i64::from_le_bytes(bytes);
            u32::try_from(id).ok().filter(|&id| id < n_rows).ok_or_else(|| {
                FaissError::field("a row's id", id, format!("at least 0 and below ntotal, which is {n_rows}"))
            })
        };
        let rows = ids.iter().map(id).collect::<Result<_, _>>()?;
        lists[list_idx] = InvertedList { rows, values: values(codes) };
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
    FaissError::check(is_right, "the number of list sizes", n_numbers, expected)?;
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
        let is_next = (least..u64::from(n_lists)).contains(&list_idx);
        let expected = format_args!("from {least} to {}", n_lists - 1);
        FaissError::check(is_next, "a sized list's number", list_idx, expected)?;
        least = list_idx + 1;
        sum += i128::from(size);
    }
    let expected = format_args!("{n_rows}, the ntotal");
    FaissError::check(sum == i128::from(n_rows), "the sum of the list sizes", sum, expected)?;
    Ok(sizes
        .into_iter()
        .filter(|&(_, size)| size > 0)
        .map(|(list_idx, size)| (list_idx as usize, size))
        .collect())
}

/// Writes lists in faiss's format; `write_values` writes the codes of a list.
pub(super) fn write<T>(
    lists: &[InvertedList<T>],
    code_size: usize,
    write_values: impl Fn(&[T], &mut Vec<u8>),
    out: &mut Vec<u8>,
) {
    let numbers = |numbers: &[usize], out: &mut Vec<u8>| {
        out.extend(numbers.iter().flat_map(|&number| (number as u64).to_le_bytes()));
    };
    out.extend(b"ilar");
    numbers(&[lists.len(), code_size], out);
    let dense: Vec<usize> = lists.iter().map(|list| list.rows.len()).collect();
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
    for InvertedList { rows, values } in lists {
        write_values(values, out);
        out.extend(rows.iter().flat_map(|&row| i64::from(row).to_le_bytes()));
    }
}
