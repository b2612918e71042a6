//! Which iris is it? k nearest neighbours on Fisher's flowers, with `mysfits-knn` and nothing else of the mysfits.
//!
//! Data: R. A. Fisher, "The use of multiple measurements in taxonomic problems" (1936): 150 flowers, four lengths in cm.

use std::error::Error;

use mysfits_knn::{Dataset, Evaluation, Hyperparameters, Model};
use ndarray::{Array1, Array2, Axis};

const FLOWERS: &str = include_str!("../data/iris.csv");
const SPECIES: [&str; 3] = ["setosa", "versicolor", "virginica"];
/// Every third flower is kept back to test with.
const TEST_EVERY: usize = 3;

/// Lengths as an `n × 4` array, species as their positions in [`SPECIES`].
fn flowers() -> Result<(Array2<f32>, Array1<f64>), Box<dyn Error>> {
    let (mut lengths, mut species) = (Vec::new(), Vec::new());
    for line in FLOWERS.lines().skip(1) {
        let (numbers, name) = line.rsplit_once(',').ok_or("a line has five columns")?;
        for number in numbers.split(',') {
            lengths.push(number.parse()?);
        }
        let label = SPECIES.iter().position(|known| *known == name).ok_or("an unknown species")?;
        species.push(label as f64);
    }
    Ok((Array2::from_shape_vec((species.len(), 4), lengths)?, species.into()))
}

fn main() -> Result<(), Box<dyn Error>> {
    let (lengths, species) = flowers()?;
    let (test, train): (Vec<_>, Vec<_>) = (0..species.len()).partition(|row| row % TEST_EVERY == 0);
    let (train_lengths, train_species) = (lengths.select(Axis(0), &train), species.select(Axis(0), &train));
    let (test_lengths, test_species) = (lengths.select(Axis(0), &test), species.select(Axis(0), &test));

    let dataset = Dataset::new(train_lengths.view(), train_species.view())?;
    let model = Model::train(dataset, &Hyperparameters::classifier(5).check()?)?;
    let predicted = model.predict_batch(test_lengths.view())?;
    let evaluation = Evaluation::new(&predicted, &test_species.to_vec())?;

    println!("{} flowers to learn from, {} to test with", train.len(), test.len());
    println!("accuracy {:.3}", evaluation.accuracy());
    println!("true species, and how often each was predicted:");
    for (name, counts) in SPECIES.iter().zip(evaluation.confusion()) {
        println!("  {name:<10} {counts:?}");
    }

    // Rows at equal distances come in the order of their numbers, so this prints the same everywhere.
    let found = [6.1, 2.9, 5.0, 1.7];
    println!("a flower of {found:?} cm:");
    let neighbours = model.neighbours(&found)?;
    for neighbour in &neighbours {
        let name = SPECIES[neighbour.label as usize];
        println!("  {:.3} cm from flower {}, {name}", neighbour.score.sqrt(), train[neighbour.row] + 1);
    }
    let label = model.predict_from(&neighbours).ok_or("the model has rows")?;
    println!("so it is {}", SPECIES[label as usize]);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_fifty_flowers_of_each_species() {
        let (lengths, species) = flowers().unwrap();
        assert_eq!(lengths.dim(), (150, 4));
        for label in 0..SPECIES.len() {
            assert_eq!(species.iter().filter(|known| **known == label as f64).count(), 50);
        }
    }

    #[test]
    fn a_flower_is_nearest_to_itself() {
        let (lengths, species) = flowers().unwrap();
        let dataset = Dataset::new(lengths.view(), species.view()).unwrap();
        let model = Model::train(dataset, &Hyperparameters::classifier(1).check().unwrap()).unwrap();
        for row in 0..species.len() {
            assert_eq!(model.neighbours(&lengths.row(row).to_vec()).unwrap()[0].score, 0.0);
        }
    }
}
