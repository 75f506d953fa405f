Console.WriteLine("portunus-edge");
