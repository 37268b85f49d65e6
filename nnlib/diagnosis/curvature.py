"""The curvature of a loss: the largest eigenvalue of its Hessian, which bounds the learning rate."""

from __future__ import annotations

import numpy as np

from nnlib.diagnosis.probing import batch_for
from nnlib.random import check_rng
from nnlib.regularizers import strength

_LANCZOS_STEPS = 20

# A sample at the corner of a relu would spoil a difference of gradients by about 1/ε. Where biases are 0, samples
# stand exactly there: behind units that are all off. So the parameters are moved aside by far more than ε first.
_ASIDE, _STEP = 1e-5, 1e-9


def largest_curvature(network, X, y, loss="mse", l2=0.0, *, rng, tolerance=1e-4, limit=1000):
    """Return λmax, the largest eigenvalue of the Hessian H of the mean loss + ½·l2·Σw² at the network's parameters.

    H itself is never formed. Its product with a vector of length 1 is a difference of two gradients,
    H v = (∇L(w + εv) − ∇L(w))/ε, computed in float64 with dropout switched off. Power iteration on such products
    finds the eigenvalue of largest size, which for a network may be negative, and a negative curvature does not bound
    the rate. Lanczos' method uses the same products and keeps them all: of every combination of v, Hv, H²v, … it
    takes the one that is curved most, u, so what it approaches is the largest eigenvalue with its sign. It ends when
    ``‖Hu − λu‖ ≤ tolerance·|λ|``: then some eigenvalue is as near as that to λ, and λ itself is, as a rule, much nearer
    still. After 20 products it begins again from u. If ``limit`` products are not enough, the best λ so far
    is returned, which is not above λmax.

    relu and its like have no second derivative at their corners, and with biases of 0 some samples stand on one. H is
    taken beside it, at parameters that are moved at random by one part in 100 000.
    A value of 0 or less means that no direction is curved upwards.

    Sources: Pearlmutter, "Fast exact multiplication by the Hessian", 1994; Lanczos 1950; LeCun, Simard, Pearlmutter,
    "Automatic learning rate maximization by on-line estimation of the Hessian's eigenvectors", 1993.

    Parameters
    ----------
    X, y : arrays
        The batch.
    l2 : float
        The strength of the penalty; it adds up to l2 to λmax.
    rng : generator
        Draws the first vector, and that move.
    tolerance : float
        How exactly the eigenvector must be found.
    limit : int
        How many products may be taken; each costs a forward and a backward pass.

    Raises
    ------
    ValueError
        As :meth:`nnlib.Network.loss_and_gradient`; also if the parameters are not finite.
    """
    check_rng(rng)
    net, x, targets, loss = batch_for(network, X, y, loss)
    penalised = strength("l2", l2) * net.is_weight
    size = max(1.0, float(np.sqrt(np.mean(net.parameters**2))))
    w = net.parameters + _ASIDE * size * rng.normal(size=net.parameters.size)
    v, step = rng.normal(size=w.size), _STEP * size

    def gradient_at(parameters):
        net.parameters[...] = parameters
        net.backpropagate(x, targets, loss)
        return net.gradient.copy()

    with np.errstate(all="ignore"):
        here = gradient_at(w)

        def product(v):
            return (gradient_at(w + step * v) - here) / step + penalised * v

        return _largest_eigenvalue(product, v / np.linalg.norm(v), tolerance, limit)


def largest_stable_rate(network, X, y, loss="mse", l2=0.0, *, rng):
    """Return 2/λmax, the rate above which plain gradient descent on the full batch cannot settle here.

    Along an eigenvector of the Hessian a step multiplies the distance from the minimum by 1 − ηλ, whose size is below 1
    only for 0 < η < 2/λ; the direction with the largest λ is the first to be lost. For a quadratic (linear
    regression with squared error) this is exact. It ceases to hold

    - for momentum μ, where the bound is 2·(1 + μ)/λmax, and for optimisers that scale each parameter by itself
      (AdaGrad, RMSProp, Adam), which have other ones;
    - for small batches, each with a curvature of its own: some are steeper than the mean, so the limit is lower;
    - away from where it was measured, because the curvature of a network changes as it learns. A run may start above
      the bound, jump, and land where it is flatter, or sharpen until it meets it.

    Sources: LeCun, Bottou, Orr, Müller, "Efficient BackProp", 1998; Cohen et al., "Gradient descent on neural networks
    typically occurs at the edge of stability", 2021.

    Parameters
    ----------
    l2 : float
        The strength of the penalty ½·l2·Σw².

    Returns
    -------
    float
        Infinite if λmax is not above 0.

    Raises
    ------
    ValueError
        As :func:`largest_curvature`.
    """
    curvature = largest_curvature(network, X, y, loss, l2, rng=rng)
    return 2 / curvature if curvature > 0 else np.inf


def _largest_eigenvalue(product, v, tolerance, limit):
    """Return the largest eigenvalue of a symmetric matrix, by Lanczos' method begun again from its best vector."""
    products = 0
    while True:
        basis, diagonal, beside = [v], [], []
        for _ in range(min(_LANCZOS_STEPS, v.size)):
            u = product(basis[-1])
            products += 1
            diagonal.append(float(basis[-1] @ u))
            for _ in range(2):  # once leaves what rounding left; twice is enough (Kahan, Parlett)
                u -= np.array(basis).T @ (np.array(basis) @ u)
            length = float(np.linalg.norm(u))
            if not np.isfinite(length):
                return np.nan
            values, vectors = np.linalg.eigh(np.diag(diagonal) + np.diag(beside, 1) + np.diag(beside, -1))
            off = length * abs(vectors[-1, -1])  # ‖Hu − λu‖ of the best combination u
            closed = length <= 1e-10 * max(1.0, abs(diagonal[0]))  # products lead nowhere new
            if off <= tolerance * abs(values[-1]) or closed or products >= limit:
                return float(values[-1])
            beside.append(length)
            basis.append(u / length)
        v = np.array(basis[:-1]).T @ vectors[:, -1]
        v /= np.linalg.norm(v)
