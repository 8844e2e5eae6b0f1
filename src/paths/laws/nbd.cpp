// NBD (Ehrenberg 1959): what a history says, of purchases alone. Parameters r, alpha.
#include "posterior_law.hpp"

namespace clv {

constinit const PosteriorLaw nbd_posterior{};

}  // namespace clv
