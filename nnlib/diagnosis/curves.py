"""What a run's losses tell by themselves: whether they stand still, or grow, and how high they are."""

from __future__ import annotations

import numpy as np

from nnlib.losses import loss as resolve_loss


def plateau(losses, window=40, tolerance=0.01):
    """Return whether the losses stand still: over the last ``window`` of them they hardly fell or rose.

    The median of the window's newer half is compared with that of the older half; they must differ by
    at most ``tolerance`` of the older one. Medians forgive single batches that went wrong, and the comparison of halves
    forgives the noise around them. Fewer losses than a window are no plateau.

    A flat curve alone is no fault: training may be done. Look at its height, as :func:`examine` does.

    Parameters
    ----------
    losses : sequence of float
        In the order of training, such as one for each epoch.

    Raises
    ------
    ValueError
        If window is not a whole number of 2 or more, or losses are not numbers in a row.
    """
    older, newer = _medians(losses, window)
    with np.errstate(invalid="ignore"):  # inf − inf, after divergence
        return bool(np.abs(older - newer) <= tolerance * np.abs(older)) and bool(np.isfinite(newer))


def growing(losses, window=20, tolerance=0.1):
    """Return whether the losses grow: over the last ``window`` of them by more than ``tolerance`` of what they were.

    Compares the medians of the window's two halves, as :func:`plateau`. Losses that became infinite or nan have grown.

    Raises
    ------
    ValueError
        As :func:`plateau`.
    """
    older, newer = _medians(losses, window)
    return bool(newer > older + tolerance * np.abs(older)) or bool(np.isinf(newer))


def constant_loss(loss, y, outputs=1):
    """Return the mean loss of the best constant prediction: what a network reaches that ignores its inputs.

    The constant is the mean of the targets for squared losses (for huber their median, if that is better), the
    log-odds of the labels for binary_cross_entropy, the logarithms of the classes' frequencies for cross_entropy, −1
    or 1 for hinge and perceptron. A training loss near this number means that nothing has been learned yet.

    Parameters
    ----------
    loss : str or Loss
    y : array
        Targets, as the loss takes them.
    outputs : int
        The number of outputs of a network, which for cross_entropy is that of classes.

    Raises
    ------
    ValueError
        For an unknown loss, or targets that do not fit or are none.
    """
    loss = resolve_loss(loss)
    targets = loss.encode(y, outputs)
    if not len(targets):
        raise ValueError("y holds no targets")
    mean = targets.mean(axis=0)
    if loss.kind == "classes":
        constants = [np.log(np.maximum(mean, 1e-300))]
    elif loss.kind == "signs":
        p = np.clip((1 + mean) / 2, 1e-300, 1 - 1e-16)
        constants = [np.log(p / (1 - p)), np.full_like(mean, -1.0), np.full_like(mean, 1.0)]
    else:
        constants = [mean, np.median(targets, axis=0)]
    return min(float(loss.mean(np.broadcast_to(constant, targets.shape), targets)) for constant in constants)


def _medians(losses, window):
    """Return the medians of the older and the newer half of the last losses; nan for both if there are too few."""
    if isinstance(window, bool) or not isinstance(window, int | np.integer) or window < 2:
        raise ValueError(f"window must be a whole number of 2 or more, not {window!r}")
    try:
        losses = np.asarray(losses, dtype=float)
    except (TypeError, ValueError):
        raise ValueError("losses must be numbers in the order of training") from None
    if losses.ndim != 1:
        raise ValueError(f"losses must be numbers in a row, not an array of shape {losses.shape}")
    if len(losses) < window:
        return np.nan, np.nan
    last = np.where(np.isnan(losses[-window:]), np.inf, losses[-window:])
    return np.median(last[: window // 2]), np.median(last[window // 2 :])
