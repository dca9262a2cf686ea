"""An MLP of PyTorch, small enough to be drawn whole."""

import torch
from torch import nn
from torch.nn import functional


class Net(nn.Module):
    """Two layers whose parameters are all 0.5."""

    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(2, 2)
        self.out = nn.Linear(2, 1)
        with torch.no_grad():
            for p in self.parameters():
                p.fill_(0.5)

    def forward(self, x):
        """Compute one number from two."""
        return self.out(torch.tanh(self.hidden(x)))


net = Net()


def loss(x):
    return functional.mse_loss(net(x), torch.ones(1, 1))
