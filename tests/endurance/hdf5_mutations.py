"""Files of HDF5 that the library finds sound and that say something impossible: datasets and attributes that are gone,
too short, too long, of another kind, or full of numbers that no run writes."""

import io

import h5py
import numpy as np

FILLINGS = (np.nan, np.inf, -np.inf, 1e308, -1.0, 0.0, 2**31, -(2**63), 2**63 - 1)


def _all(file, kind):
    found = []
    file.visititems(lambda name, item: found.append(name) if isinstance(item, kind) else None)
    return sorted(found)


def _replace(file, name, values):
    attributes = {key: value for key, value in file[name].attrs.items() if not key.endswith("_LIST")}  # of scales
    del file[name]
    file.create_dataset(name, data=values)
    for key, value in attributes.items():
        file[name].attrs[key] = value


def _dataset(file, rng):
    name = rng.choice(_all(file, h5py.Dataset))
    return name, file[name][()]


def resize(file, rng):
    name, values = _dataset(file, rng)
    if values.ndim == 0:
        return
    axis = rng.randrange(values.ndim)
    sizes = [0, 1, values.shape[axis] - 1, values.shape[axis] + 1, 2 * values.shape[axis]]
    if values.size:
        _replace(file, name, np.take(values, range(rng.choice(sizes)), axis=axis, mode="wrap"))


def other_dimensions(file, rng):
    name, values = _dataset(file, rng)
    _replace(file, name, rng.choice([values.reshape(-1), values[None], values.T]))


def other_type(file, rng):
    name, values = _dataset(file, rng)
    kinds = [np.float32, np.int8, np.uint64, "S3"] if values.dtype.kind in "iuf" else [None]
    kind = rng.choice(kinds)
    with np.errstate(all="ignore"):
        _replace(file, name, np.zeros(values.shape) if kind is None else values.astype(kind))


def other_values(file, rng):
    name, values = _dataset(file, rng)
    if values.dtype.kind in "iuf" and values.size:
        with np.errstate(all="ignore"):
            filling = np.array(rng.choice(FILLINGS)).astype(values.dtype)
        places = rng.sample(range(values.size), min(values.size, rng.choice([1, values.size])))
        values.reshape(-1)[places] = filling
        file[name][...] = values


def delete(file, rng):
    del file[rng.choice(_all(file, (h5py.Dataset, h5py.Group)))]


def other_attribute(file, rng):
    places = [file, *(file[name] for name in _all(file, (h5py.Dataset, h5py.Group)))]
    place = rng.choice([item for item in places if len(item.attrs)])
    name = rng.choice(sorted(place.attrs))
    if rng.random() < 0.5:
        del place.attrs[name]
    else:
        place.attrs[name] = rng.choice(["", "x" * 40_000, -1, 2**62, np.nan, np.zeros(3)])


def link_elsewhere(file, rng):
    name = rng.choice(_all(file, h5py.Dataset))
    del file[name]
    file[name] = rng.choice([h5py.SoftLink("/"), h5py.SoftLink("/nowhere"), h5py.ExternalLink("results.h5", name),
                             h5py.ExternalLink("/dev/zero", "/x")])


KINDS = (resize, resize, resize, other_dimensions, other_type, other_values, other_values, delete, other_attribute,
         link_elsewhere)


def _mutation(change):
    def kind(data, rng):
        memory = io.BytesIO(data)
        with h5py.File(memory, "r+") as file:
            if _all(file, h5py.Dataset):  # which an earlier change may have taken away
                change(file, rng)
        return memory.getvalue()

    kind.__name__ = change.__name__
    return kind


IMPOSSIBLE = tuple(map(_mutation, KINDS))
